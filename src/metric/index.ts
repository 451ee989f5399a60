// The metric room: how good predictions are, as pure functions of arrays. Definitions, and what happens at their edges,
// are those of scikit-learn, SciPy, seqeval and SQuAD's own scripts.

export {
  accuracy,
  type BinaryScores,
  binaryScores,
  type ClassificationScores,
  classificationScores,
  matthewsCorrelation,
  multiLabelScores,
} from './classification.js'
export { type Entity, type EntityScores, entitiesOf, entityScores } from './entities.js'
export { type AveragedScores, type LabelScores, type Scores, scoresOfCounts } from './labelScores.js'
export { perplexity } from './perplexity.js'
export { meanSquaredError, pearsonCorrelation, spearmanCorrelation } from './regression.js'
export { normalizeAnswer, type SquadQuestion, type SquadScores, squadScores } from './squad.js'
export { type SquadV2Prediction, type SquadV2Scores, squadV2Scores } from './squadV2.js'
