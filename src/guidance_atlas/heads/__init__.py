"""The small trained classifiers: features, weights, training, evaluation, cards."""
