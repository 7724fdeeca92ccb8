import { fail } from '@postulate/graph';

/** The value of an option that counts. Throws P602 where it is not a whole number. */
export function whole(name: string, value: number): number {
  if (Number.isInteger(value)) return value;
  throw fail('P602', `${name} is a whole number, found ${value}`, { kind: 'usage' });
}
