// Tensor expressions: build them with the operators, differentiate them with `grad`, turn them into ONNX with `compile`.

export { type CompiledGraph, type CompileOptions, compile, type StoredParameter } from './compile.js'
export { denseWeightsOf, parametersOf } from './dependencies.js'
export { DTypeError, MissingGradientError, ShapeError } from './errors.js'
export { grad } from './gradient.js'
export { type Int8Weight, quantizeWeight } from './int8Weight.js'
export type { OnnxValue } from './onnx.js'
export * from './operators/index.js'
export { type Dim, dimFactors, dimProduct, dimSize, formatShape, type Shape } from './shape.js'
export type { DType, Tensor, TensorType } from './tensor.js'
