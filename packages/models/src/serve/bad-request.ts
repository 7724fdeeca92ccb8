/** A request that cannot be answered, for a reason that its sender can mend. */
export class BadRequest extends Error {
  constructor(
    message: string,
    /** The field to blame. */
    readonly param: string | null = null,
    readonly status: 400 | 404 | 405 | 413 = 400,
  ) {
    super(message);
    this.name = 'BadRequest';
  }
}

/** The form that clients of this protocol read errors in. */
export function errorBody(message: string, status: number, param: string | null = null) {
  const type = status === 404 ? 'NotFoundError' : status < 500 ? 'BadRequestError' : 'InternalServerError';
  return { error: { message, type, param, code: status } };
}
