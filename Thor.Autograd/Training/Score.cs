namespace Thor.Autograd.Training;

/// <summary>A loss and an accuracy, summed over batches.</summary>
public sealed class Score
{
    private double _loss;
    private double _hits;
    private double _answers;
    private double _weight;

    /// <summary>Mean loss over everything added; NaN when nothing was.</summary>
    public double Loss => _weight > 0 ? _loss / _weight : double.NaN;

    /// <summary>Share of correct answers; null for tasks that have none, such as reconstruction.</summary>
    public double? Accuracy => _answers > 0 ? _hits / _answers : null;

    /// <summary>Adds a batch.</summary>
    /// <param name="meanLoss">Mean loss of the batch.</param>
    /// <param name="weight">Number of terms the mean was taken over.</param>
    /// <param name="hits">Correct answers.</param>
    /// <param name="answers">Answers given; 0 where there is no right or wrong.</param>
    public void Add(double meanLoss, double weight, double hits = 0, double answers = 0)
    {
        if (weight > 0)
        {
            _loss += meanLoss * weight;
            _weight += weight;
        }

        _hits += hits;
        _answers += answers;
    }
}
