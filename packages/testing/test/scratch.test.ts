import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { it } from 'vitest';
import { compile } from '@postulate/dsl';
import { createModels } from '@postulate/models';
import { seededChooser } from '@postulate/inference';
import { checkPointwise } from '../src/properties/pointwise.ts';
import { Coverage } from '../src/coverage/coverage.ts';

it('x', { timeout: 100000 }, async () => {
  for (const f of process.env['FILES']!.split(',')) {
    const { graph, diagnostics } = compile(readFileSync(f, 'utf8'), f, {});
    if (!graph) { console.log(diagnostics); continue; }
    const models = createModels({ directory: dirname(f) });
    const coverage = new Coverage(graph);
    for (const p of graph.properties) {
      if (!p.forall) continue;
      const t = performance.now();
      const out = await checkPointwise(graph, p, models, { runs: 1000, chooser: seededChooser('0'), timeLimit: 1e9, coverage });
      console.log(f, p.name, JSON.stringify(out, null, 1), performance.now() - t);
    }
    console.log(coverage.report().parts.map((p) => `${p.what} ${p.text} ${p.yes} ${p.no}`));
  }
});
