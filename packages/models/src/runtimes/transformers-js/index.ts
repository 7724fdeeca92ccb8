export { exportOf } from './load-decoder.ts';
export { openOnnx } from './open-onnx.ts';
