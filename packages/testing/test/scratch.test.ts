import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { it } from 'vitest';
import { compile } from '@postulate/dsl';
import { createModels } from '@postulate/models';
import { runProperties } from '../src/properties/run-properties.ts';

it('x', { timeout: 300000 }, async () => {
  for (const f of process.env['FILES']!.split(',')) {
    const { graph, diagnostics } = compile(readFileSync(f, 'utf8'), f, {});
    if (!graph) { console.log(diagnostics); continue; }
    const models = createModels({ directory: dirname(f) });
    for await (const o of runProperties(graph, models)) console.log(JSON.stringify(o));
  }
});
