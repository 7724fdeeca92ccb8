import type { CallArgument, ExprOf } from '../syntax/ast.ts';
import { type Checker, type Env, error } from './checker.ts';
import { nearest } from '@postulate/graph';

export interface Slot {
  readonly name: string;
  readonly variadic?: boolean;
  readonly namedOnly?: boolean;
}

/** Arguments by parameter; a variadic one may have several. */
export type Matched = ReadonlyMap<string, readonly CallArgument[]>;

function byName(c: Checker, env: Env, callee: string, slots: readonly Slot[], a: CallArgument): Slot | undefined {
  if (!a.name) return undefined;
  const { name, span } = a.name;
  const slot = slots.find((s) => s.name === name);
  if (slot) return slot;
  const close = nearest(
    name,
    slots.map((s) => ({ name: s.name, fits: true })),
  );
  const known = slots.map((s) => `\`${s.name}\``).join(', ');
  const help = close ? `did you mean \`${close}\`?` : slots.length > 0 ? `it takes ${known}` : 'it takes no arguments';
  const fix = close ? { fix: { title: `replace with \`${close}\``, edits: [{ span, newText: close }] } } : {};
  error(c, env, 'P202', span, `\`${callee}\` has no argument \`${name}\``, { help, ...fix });
  return undefined;
}

function arity(slots: readonly Slot[]): string {
  const positional = slots.filter((s) => !s.namedOnly).length;
  return positional === 0
    ? 'no arguments by position'
    : `at most ${positional} argument${positional === 1 ? '' : 's'} by position`;
}

/** How to give the arguments that have no position. */
function namedOnlyHelp(slots: readonly Slot[]): { readonly help?: string } {
  const names = slots.filter((s) => s.namedOnly).map((s) => `\`${s.name} = …\``);
  return names.length === 0 ? {} : { help: `by name it takes ${names.join(', ')}` };
}

/** Gives each argument its parameter. `undefined` if one has none; the reason is reported. */
export function matchArguments(
  c: Checker,
  env: Env,
  callee: string,
  slots: readonly Slot[],
  call: ExprOf<'call'>,
): Matched | undefined {
  const matched = new Map<string, CallArgument[]>();
  const positional = slots.filter((s) => !s.namedOnly);
  let next = 0;
  let good = true;
  for (const a of call.args) {
    const slot = a.name ? byName(c, env, callee, slots, a) : positional[next];
    if (!a.name && slot && !slot.variadic) next++;
    if (!slot) {
      if (!a.name) error(c, env, 'P201', a.span, `\`${callee}\` takes ${arity(slots)}`, namedOnlyHelp(slots));
      good = false;
      continue;
    }
    const before = matched.get(slot.name);
    if (!before) matched.set(slot.name, [a]);
    else if (slot.variadic && !a.name) before.push(a);
    else {
      // The parser reports a name that is written twice.
      if (!before[0].name) error(c, env, 'P202', a.span, `\`${callee}\` already has \`${slot.name}\` by position`);
      good = false;
    }
  }
  return good ? matched : undefined;
}
