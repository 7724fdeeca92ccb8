import { fail } from '@postulate/graph';

/** An optional package; P532 where it is not installed or does not load, with what would help. */
export async function optionalPackage<T>(name: string, what: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException | undefined)?.code;
    const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    const message = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw fail(
      'P532',
      missing
        ? `${what} need the package ${name}, which is not installed.`
        : `the package ${name} does not load: ${message}`,
      {
        kind: 'outside',
        cause,
        help: missing ? `npm install ${name}` : 'post doctor shows what loads',
      },
    );
  }
}
