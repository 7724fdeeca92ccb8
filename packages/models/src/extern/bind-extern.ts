import { contains, fail, formatRange, type NodeOf, type PostError, type Range } from '@postulate/graph';
import type { TextFunction } from '../port/index.ts';
import { type ExternFunction, messageOf } from './extern-module.ts';
import { Recent } from './recent.ts';

type ExternNode = NodeOf<'externScore'> | NodeOf<'externEvent'>;

const SHOWN = 80;

/** A text as messages show it: quoted, on one line, not too long. */
export function shownText(text: string): string {
  const points = Array.from(text);
  return JSON.stringify(points.length > SHOWN ? `${points.slice(0, SHOWN).join('')}…` : text);
}

/** Texts whose values are kept: those of some batches, since the same text is asked for by factors, by what is reported and in copies. */
const KEPT = 1 << 14;

/**
 * An extern as a text function. Every value is checked: P702 where the function throws, P700 where its value is not a number (an event:
 * not a Boolean), P703 for +inf, P701 outside `range`. `-Infinity` is legal unless the range says otherwise. With `remember` a text that was
 * asked for lately is not asked for again.
 */
export function bindExtern(
  node: ExternNode,
  run: ExternFunction,
  range: Range | undefined,
  remember = false,
): TextFunction {
  const recent = new Recent(remember ? KEPT : 0);
  const checked = (result: unknown, text: string): number => {
    const value = node.kind === 'externEvent' ? eventValue(node, result, text) : scoreValue(node, result, text, range);
    recent.set(text, value);
    return value;
  };
  return {
    async values(batch) {
      const values = new Float64Array(batch.size);
      for (let i = 0; i < batch.size; i++) {
        const text = batch.text(i);
        values[i] = recent.get(text) ?? checked(await call(node, run, text), text);
      }
      return values;
    },
    machine: () => undefined,
  };
}

function named(node: ExternNode): string {
  return `extern ${node.kind === 'externEvent' ? 'event' : 'score'} "${node.name}" of "${node.module}"`;
}

async function call(node: ExternNode, run: ExternFunction, text: string): Promise<unknown> {
  try {
    return await run(text);
  } catch (cause) {
    throw fail('P702', `the ${named(node)} threw "${messageOf(cause)}" for the text ${shownText(text)}.`, {
      span: node.span,
      cause,
    });
  }
}

function notANumber(node: ExternNode, result: unknown, text: string, expected: string): PostError {
  const found =
    typeof result === 'number' ? String(result) : `a value of type ${result === null ? 'null' : typeof result}`;
  return fail(
    'P700',
    `the ${named(node)} must return ${expected}, but returned ${found} for the text ${shownText(text)}.`,
    {
      span: node.span,
    },
  );
}

/** Booleans; 0 and 1 stand for them. */
function eventValue(node: ExternNode, result: unknown, text: string): number {
  if (typeof result === 'boolean') return result ? 1 : 0;
  if (result === 0 || result === 1) return result;
  throw notANumber(node, result, text, 'true or false');
}

function scoreValue(node: ExternNode, result: unknown, text: string, range: Range | undefined): number {
  const value = typeof result === 'boolean' ? Number(result) : result;
  if (typeof value !== 'number' || Number.isNaN(value)) throw notANumber(node, result, text, 'a number');
  if (value === Infinity) {
    throw fail('P703', `the ${named(node)} returned +inf for the text ${shownText(text)}; scores are below it.`, {
      span: node.span,
    });
  }
  if (range !== undefined && !allowed(range, value)) {
    throw fail(
      'P701',
      `the ${named(node)} returned ${value} for the text ${shownText(text)}, outside its declared range ${formatRange(range)}.`,
      {
        span: node.span,
        help: 'widen the range in the extern statement, or mend the function.',
      },
    );
  }
  return value;
}

/** Scores may be -inf, so a range without a lower bound admits it however that end is written. */
function allowed(range: Range, value: number): boolean {
  return contains(range, value) || (value === -Infinity && range.lo === -Infinity);
}
