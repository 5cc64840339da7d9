"""Pure rules of visits: their lifecycle, the score of a target, lists of serial numbers, samples and ratings."""
