import { callsPerToken, ESTIMATORS, seededChooser } from '@postulate/inference';
import { atMost } from '../support/goals.ts';
import type { Row } from '../support/row.ts';
import { timed } from '../support/statistics.ts';
import type { Task } from '../support/task.ts';

/** Size of GPT-2's vocabulary. */
const VOCABULARY = 50_257;

/** Tests a token that the reference implementation needs, by the mass that is valid. */
const PUBLISHED = [
  [0.9, 2.1],
  [0.5, 3.1],
  [0.1, 13.4],
  [0.01, 90.1],
] as const;

async function callsRow(validMass: number, limit: number, laws: number): Promise<Row> {
  const task = { vocabularySize: VOCABULARY, validMass, laws, draws: 20 };
  const [seconds, found] = await timed(() =>
    callsPerToken(task, ESTIMATORS['recursive'], seededChooser(`bench calls ${validMass}`)),
  );
  const { calls, standardError, relativeMass, relativeMassStandardError } = found;
  return {
    ...{
      task: 'vocabulary',
      what: `awrs, valid mass ${validMass}`,
      runs: laws,
      testsPerToken: calls,
      ownError: standardError,
    },
    tokensPerSecond: (laws * task.draws) / seconds,
    ...atMost('tests/token', calls, limit, 3 * standardError),
    note: `estimated mass over the valid one ${relativeMass.toFixed(4)} ± ${relativeMassStandardError.toFixed(4)}`,
  };
}

export const constraintCalls: Task = {
  name: 'calls',
  title: `Tests of a constraint at ${VOCABULARY.toLocaleString('en')} tokens, where a mask tests each (runs counts made-up laws; own error is that of tests/token; tokens/s includes making the laws)`,
  async rows({ quick }) {
    const rows: Row[] = [];
    for (const [validMass, limit] of PUBLISHED) rows.push(await callsRow(validMass, limit, quick ? 20 : 100));
    return rows;
  },
};
