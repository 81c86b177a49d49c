using Thor.Autograd.Losses;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;

namespace Thor.Autograd.SecondOrder;

/// <content>Whose gradients G is made of: those of the step itself, or those of passes that begin at the model's predictive distribution.</content>
public sealed partial class KroneckerPreconditioner
{
    /// <summary>Backward passes that <see cref="FisherEstimator.GaussNewton"/> is worth at most.</summary>
    private const int MaximumColumns = 1024;

    private readonly RandomStream _labels;
    private readonly List<Variable> _captured = []; // outputs of layers since the last pass from the model's distribution
    private bool? _isFirstPass; // null outside of such passes

    private bool DrawsFromModel => Options.Fisher is FisherEstimator.MonteCarlo or FisherEstimator.GaussNewton;

    /// <inheritdoc/>
    public override void ObserveLoss(Variable loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        if (!DrawsFromModel || _captured.Count == 0)
        {
            return;
        }

        ObserveModelFisher(loss.Origin?.Distribution ?? throw new ArgumentException(
            $"The estimator {Options.Fisher} must know what the model predicts: the loss must be one of Losses, also scaled or with a penalty added. " +
            $"For another loss, or the sum of several, call {nameof(ObserveModelFisher)} with the distribution of the outputs.",
            nameof(loss)));
    }

    /// <summary>
    /// Gathers statistics of the forward passes since the last call by backward passes from the model's own distribution, as
    /// <see cref="KroneckerOptions.Fisher"/> says. To be called between the forward and the backward pass; does nothing where no statistics are due or
    /// the estimator uses the true labels. Gradients of parameters are not touched, and what the true labels' own pass brings is not looked at.
    /// </summary>
    /// <param name="distribution">What the model predicts.</param>
    /// <exception cref="ArgumentException"><see cref="FisherEstimator.GaussNewton"/> would take more than 1024 passes.</exception>
    public void ObserveModelFisher(PredictiveDistribution distribution)
    {
        ArgumentNullException.ThrowIfNull(distribution);
        if (!DrawsFromModel || _captured.Count == 0)
        {
            return;
        }

        int passes = Options.Fisher == FisherEstimator.MonteCarlo ? Options.FisherSamples : distribution.Columns;
        if (Options.Fisher == FisherEstimator.GaussNewton && passes > MaximumColumns)
        {
            throw new ArgumentException(
                $"{nameof(FisherEstimator.GaussNewton)} takes one backward pass for each output of a sample; {passes} outputs are more than {MaximumColumns}. Use {nameof(FisherEstimator.MonteCarlo)}.",
                nameof(distribution));
        }

        Variable[] observed = [.. _captured];
        _captured.Clear();
        try
        {
            for (int pass = 0; pass < passes; pass++)
            {
                using TensorScope scope = TensorScope.Begin();
                _isFirstPass = pass == 0;
                if (Options.Fisher == FisherEstimator.MonteCarlo)
                {
                    // A mean over draws: each has its share in g g^T.
                    Gradients.Show(distribution.Outputs, distribution.Sample(_labels), observed, new GradientScale(1, Math.Sqrt(passes)));
                }
                else
                {
                    Gradients.Show(distribution.Outputs, distribution.RootColumn(pass), observed, GradientScale.PerSample);
                }
            }
        }
        finally
        {
            _isFirstPass = null;
        }
    }

    /// <summary>A gradient has come to the output of a layer.</summary>
    private void Look(LayerCurvature curvature, Tensor input, Tensor gradient, GradientScale scale)
    {
        if (DrawsFromModel && _isFirstPass is null)
        {
            return;
        }

        using TensorScope scope = TensorScope.Begin();
        using PhaseClock.Lap? lap = Clock?.Measure(StepPhase.Statistics);
        Gather(curvature, curvature.Look(input, gradient, scale, _isFirstPass ?? true));
        Observations++;
    }

    /// <summary>A refresh without the passes that it is to be made of would leave stale curvature without a word.</summary>
    private void RequireModelFisher()
    {
        if (_captured.Count > 0)
        {
            throw new InvalidOperationException(
                $"Step {StepCount} refreshes curvature with the estimator {Options.Fisher}, but was not shown the loss: call ObserveLoss(loss) of the optimizer between the forward and the backward pass.");
        }
    }
}
