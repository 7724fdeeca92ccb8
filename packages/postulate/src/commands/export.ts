import { cwd } from 'node:process';
import { EXPORT_FORMATS, exportModel } from '@postulate/models/neural';
import { usageError } from '../cli/arguments.ts';
import type { CommandContext } from '../cli/command.ts';
import { EXIT } from '../cli/failure.ts';
import { toJson } from '../cli/json.ts';

/** `post export`: a model of ours in the form that another program reads. */
export async function exportLm({ args, terminal }: CommandContext): Promise<number> {
  const [source] = args.operands;
  const out = args.value('out');
  if (out === undefined) throw usageError('post export needs --out.', `post export ${source} --out model.gguf`);
  const written = args.value('format') ?? (out.endsWith('.gguf') ? 'gguf' : 'onnx');
  const format = EXPORT_FORMATS.find((f) => f === written);
  if (format === undefined) throw usageError(`--format is ${EXPORT_FORMATS.join(' or ')}, not "${written}".`);
  const type = args.value('type') ?? (format === 'gguf' ? 'f16' : 'f32');
  if (type !== 'f16' && type !== 'f32') throw usageError(`--type is f16 or f32, not "${type}".`);
  if (format === 'onnx' && type === 'f16') throw usageError('ONNX exports are f32: --type f16 is for GGUF.');
  const files = await exportModel(source, cwd(), { format, type, out });
  terminal.out(terminal.json ? `${toJson({ format, type, files })}\n` : `${files.join('\n')}\n`);
  return EXIT.done;
}
