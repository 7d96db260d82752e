"""The engine of checks: vocabulary, catalogue, evaluation and scoring."""
