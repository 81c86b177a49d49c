using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Autograd.SecondOrder;

/// <content>
/// A probe that sees curvature turn where its trace stays: F z against H z, with z = a kron b for fixed normal vectors a and b, so that
/// F z = T (A a) kron (G b), and A a = X^T (X a) / N takes two products with X and no matrix is formed.
/// </content>
public abstract partial class LayerCurvature
{
    private ProbeSide? _inputProbe;
    private ProbeSide? _outputProbe;

    /// <summary>Numbers that a probe is made of.</summary>
    internal int ProbeNumbers => Matrices * ProbeSide.NumbersPerGroup * (HasOutputFactor ? 2 : 1);

    /// <summary>What a saved state must hold of the probe: the products of the matrices in use, by name.</summary>
    internal IEnumerable<KeyValuePair<string, Tensor>> ProbeState
    {
        get
        {
            if (_inputProbe is not null)
            {
                yield return KeyValuePair.Create($"{Name}.A.probe", _inputProbe.Held);
            }

            if (_outputProbe is not null)
            {
                yield return KeyValuePair.Create($"{Name}.G.probe", _outputProbe.Held);
            }
        }
    }

    /// <summary>Number of matrices A.</summary>
    private int Matrices => Factors.Count(static factor => factor.Side == FactorSide.Input);

    /// <summary>Draws the probe's vectors.</summary>
    internal void AllocateProbe(RandomStream random, Tensor like)
    {
        _inputProbe = new ProbeSide(random, Matrices, Factors[0].Dimension, like);
        _outputProbe = HasOutputFactor ? new ProbeSide(random, Matrices, Outputs, like) : null;
    }

    /// <summary>Multiplies the probe's vectors by the matrices of the passes that are held.</summary>
    /// <param name="numbers"><see cref="ProbeNumbers"/> elements, written.</param>
    internal void Probe(Tensor numbers)
    {
        ProbeSide input = _inputProbe!; // allocated with the probe
        input.Now.Fill(0);
        _outputProbe?.Now.Fill(0);
        foreach (Observation observation in _waiting)
        {
            if (observation.IsFirst)
            {
                AddInputProducts(observation, input.Vector, input.Now);
            }

            if (_outputProbe is ProbeSide output)
            {
                AddOutputProducts(observation, output.Vector, output.Now);
            }
        }

        Tensor bySide = numbers.Reshape(-1, ProbeSide.NumbersPerGroup, Matrices);
        input.Compare(bySide.Select(0, 0));
        _outputProbe?.Compare(bySide.Select(0, 1));
    }

    /// <summary>|F z - H z| / |H z|.</summary>
    /// <param name="numbers">As <see cref="Probe"/> writes them.</param>
    internal double Turned(ReadOnlySpan<double> numbers)
    {
        double rows = MeasuredRows;
        double difference = 0;
        double held = 0;
        for (int group = 0; group < Matrices; group++)
        {
            (double now, double both, double before) = Numbers(numbers, group, rows);
            if (HasOutputFactor)
            {
                (double nowOutput, double bothOutput, double beforeOutput) = Numbers(numbers[(Matrices * ProbeSide.NumbersPerGroup)..], group, rows);
                (now, both, before) = (now * nowOutput, both * bothOutput, before * beforeOutput);
            }

            difference += now - (2 * both) + before;
            held += before;
        }

        return Math.Sqrt(Math.Max(0, difference) / held);
    }

    /// <summary>The products of the passes at hand are those of the matrices in use from now on.</summary>
    internal void HoldProbe()
    {
        _inputProbe?.Hold(MeasuredRows);
        _outputProbe?.Hold(MeasuredRows);
    }

    private void ReleaseProbe()
    {
        _inputProbe?.Release();
        _outputProbe?.Release();
    }

    private (double Now, double Both, double Held) Numbers(ReadOnlySpan<double> numbers, int group, double rows) =>
        (numbers[group] / (rows * rows), numbers[Matrices + group] / rows, numbers[(2 * Matrices) + group]);

    /// <summary>Adds N A z of each group.</summary>
    private protected virtual void AddInputProducts(in Observation observation, Tensor vectors, Tensor products) =>
        throw new NotSupportedException($"{Name} has no probe.");

    /// <summary>Adds N G z of each group. Called where there is one.</summary>
    private protected virtual void AddOutputProducts(in Observation observation, Tensor vectors, Tensor products) =>
        throw new NotSupportedException($"{Name} has no probe.");

    /// <summary>Adds scale X^T (X z) for rows X (N, d) and vectors and products (1, d).</summary>
    private protected static void AddProducts(Tensor rows, Tensor vectors, Tensor products, double scale = 1) =>
        products.AddInPlace(rows.MatMul(vectors.Transpose()).Transpose().MatMul(rows), scale);
}
