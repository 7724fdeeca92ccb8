/** Folder of a source name, `''` for the current one. Both kinds of slash count. */
export function folderOf(source: string): string {
  const end = Math.max(source.lastIndexOf('/'), source.lastIndexOf('\\'));
  return end === -1 ? '' : source.slice(0, end + 1);
}

export const isAbsolute = (path: string): boolean => /^([/\\]|[A-Za-z]:[/\\]|[A-Za-z][A-Za-z0-9+.-]*:\/\/)/.test(path);

function segments(path: string): readonly string[] {
  const out: string[] = [];
  for (const part of path.split(/[/\\]/)) {
    if (part === '' || part === '.') continue;
    if (part === '..' && out.length > 0 && out[out.length - 1] !== '..') out.pop();
    else out.push(part);
  }
  return out;
}

/** `path`, as said in the file `from`, said from the folder of the file `main`. */
export function relocate(path: string, from: string, main: string): string {
  if (isAbsolute(path) || folderOf(from) === folderOf(main)) return path;
  if (isAbsolute(from) !== isAbsolute(main)) return folderOf(from) + path;
  const target = segments(folderOf(from) + path);
  const base = segments(folderOf(main));
  let common = 0;
  while (common < base.length && common < target.length && base[common] === target[common]) common++;
  return [...base.slice(common).map(() => '..'), ...target.slice(common)].join('/');
}

/** Does a string that may also be the name of something bundled or hosted say where a file is? */
export function looksLikePath(text: string, bundledMayHaveSlash: boolean): boolean {
  if (isAbsolute(text)) return false;
  return bundledMayHaveSlash ? /^\.\.?[/\\]|\.(gguf|onnx|safetensors)$/i.test(text) : /[./\\]/.test(text);
}
