using System.IO.Enumeration;
using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.Optimizers;

/// <summary>
/// Muon (Jordan et al. 2024): matrices step along their momentum made orthogonal, so that all its directions count alike. Everything else, and
/// excluded matrices, follows Adam with a learning rate of its own. A filter bank is the matrix (outputs, inputs * kernel y * kernel x).
/// </summary>
/// <remarks>
/// v = mu v + g; u = g + mu v with Nesterov, else v; w = (1 - lr decay) w - lr sqrt(max(1, rows / columns)) <see cref="Orthogonalization"/>(u). The size of the
/// gradient does not matter.
/// </remarks>
public sealed class Muon : FirstOrderOptimizer
{
    private static readonly string[] s_matrixMoments = ["velocity"];
    private static readonly string[] s_otherMoments = ["mean", "mean_square"];

    private readonly double _momentum;
    private readonly bool _nesterov;
    private readonly int _iterations;
    private readonly double _otherRate;
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly double _epsilon;

    /// <summary>Optimizes groups of parameters.</summary>
    /// <param name="groups">What to optimize.</param>
    /// <param name="learningRate">Of matrices: a number, or a schedule over steps.</param>
    /// <param name="momentum">mu, in [0, 1).</param>
    /// <param name="nesterov">Step along the velocity that the next update would have.</param>
    /// <param name="weightDecay">Decoupled; of groups that have none of their own.</param>
    /// <param name="iterations">Newton-Schulz iterations.</param>
    /// <param name="otherRate">Learning rate of Adam as a share of that of matrices.</param>
    /// <param name="beta1">Adam's decay of the mean.</param>
    /// <param name="beta2">Adam's decay of the mean square.</param>
    /// <param name="epsilon">Keeps Adam's denominator from zero.</param>
    /// <param name="excluded">Matrices that follow Adam, such as embeddings: names of parameters, with * for any characters and ? for one.</param>
    public Muon(
        IReadOnlyList<ParameterGroup> groups,
        Schedule learningRate,
        double momentum = 0.95,
        bool nesterov = true,
        double weightDecay = 0,
        int iterations = 5,
        double otherRate = 0.05,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8,
        IReadOnlyList<string>? excluded = null)
        : base(groups, learningRate, WeightDecay.Decoupled(weightDecay), (name, parameter) => MomentsOf(name, parameter, excluded))
    {
        Require.Fraction(momentum);
        Require.NotNegative(otherRate);
        Require.Fraction(beta1);
        Require.Fraction(beta2);
        Require.NotNegative(epsilon);
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, 1);
        _momentum = momentum;
        _nesterov = nesterov;
        _iterations = iterations;
        _otherRate = otherRate;
        _beta1 = beta1;
        _beta2 = beta2;
        _epsilon = epsilon;
    }

    private static string[] MomentsOf(string name, Parameter parameter, IReadOnlyList<string>? excluded) =>
        parameter.Shape.Rank >= 2 && !(excluded ?? []).Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false))
            ? s_matrixMoments
            : s_otherMoments;

    private protected override void Update(in ParameterUpdate update)
    {
        if (update.Moments.Length == s_matrixMoments.Length)
        {
            UpdateMatrix(update);
            return;
        }

        UpdateStep step = new(
            update.LearningRate * _otherRate,
            Beta1: _beta1,
            Beta2: _beta2,
            Epsilon: _epsilon,
            WeightDecay: update.WeightDecay,
            DecoupledDecay: true,
            Count: update.Count,
            GradientScale: update.GradientScale);
        update.Value.Device.Backend.Update(UpdateRule.Adam, step, update.Value, update.Gradient, update.Moments[0], update.Moments[1], update.DeviceScale);
    }

    private void UpdateMatrix(in ParameterUpdate update)
    {
        Tensor value = update.Value;
        Tensor gradient = update.DeviceScale is Tensor factor ? update.Gradient * factor : update.Gradient;
        Tensor velocity = update.Moments[0];
        velocity.MapInPlace(BinaryOperation.Multiply, _momentum).AddInPlace(gradient, update.GradientScale);
        Tensor ahead = velocity;
        if (_nesterov)
        {
            ahead = (velocity * _momentum).AddInPlace(gradient, update.GradientScale);
        }

        int rows = value.Shape[0];
        Tensor matrix = ahead.Reshape(rows, -1);
        Tensor descent = Orthogonalization.Of(matrix, _iterations).Reshape(value.Shape);
        if (update.WeightDecay != 0)
        {
            value.MapInPlace(BinaryOperation.Multiply, 1 - (update.LearningRate * update.WeightDecay));
        }

        value.AddInPlace(descent, -update.LearningRate * Math.Sqrt(Math.Max(1, (double)rows / matrix.Shape[1])));
    }
}
