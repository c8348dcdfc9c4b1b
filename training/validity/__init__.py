"""Are the stages what the domain says? Measures by stage, and each claim of the articles put to the test."""
