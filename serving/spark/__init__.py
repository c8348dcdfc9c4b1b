"""Scores made by Spark where the orders lie: Spark deals whole customers out, our own scorer does the rest."""

from serving.spark.score import SparkScores, score_frame

__all__ = ["SparkScores", "score_frame"]
