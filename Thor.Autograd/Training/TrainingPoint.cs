namespace Thor.Autograd.Training;

/// <summary>One evaluation during training: a point of the curve.</summary>
/// <param name="Step">Updates done.</param>
/// <param name="Epoch">Passes over the training data done, fractional.</param>
/// <param name="Seconds">Time spent in training steps, evaluation not counted.</param>
/// <param name="TrainLoss">Mean training loss of the steps since the last point.</param>
/// <param name="TestLoss">Mean loss over the test data.</param>
/// <param name="TestAccuracy">Share of right answers over the test data, where the task has answers.</param>
public sealed record TrainingPoint(long Step, double Epoch, double Seconds, double TrainLoss, double TestLoss, double? TestAccuracy);
