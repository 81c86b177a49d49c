using Thor.Engine;

namespace Thor.Autograd.SecondOrder;

/// <summary>Weight and bias of a layer norm: a diagonal rule on the gradient of each step, p = g / (g^2 / B + sqrt(lambda)).</summary>
public sealed class NormCurvature : LayerCurvature
{
    private readonly Dictionary<Parameter, Tensor> _directions = [];

    internal NormCurvature(string name, ICurvatureLayer layer, KroneckerOptions options)
        : base(name, layer, options)
    {
    }

    /// <inheritdoc/>
    internal override void Precondition(PreconditioningPass pass)
    {
        Add(pass, Layer.Weight);
        if (Layer.Bias is not null)
        {
            Add(pass, Layer.Bias);
        }
    }

    /// <inheritdoc/>
    private protected override long Rows(in Observation observation) => observation.Input.Length / observation.Input.Shape[-1];

    /// <inheritdoc/>
    private protected override void GatherInput(in Observation observation, double weight, double keep)
    {
        // The batch size is all that is needed, and the caller keeps it.
    }

    /// <inheritdoc/>
    private protected override void GatherOutput(in Observation observation, double weight, double keep)
    {
        // As above.
    }

    private void Add(PreconditioningPass pass, Parameter parameter)
    {
        if (parameter.Gradient is Tensor g)
        {
            // Of this step until the next.
            Tensor direction = (g / ((g * g / BatchSize) + Math.Sqrt(pass.Lambda))).Persist();
            _directions.GetValueOrDefault(parameter)?.Dispose();
            _directions[parameter] = direction;
            pass.Add(direction, g);
            pass.Direct(parameter, direction);
        }
    }

    /// <inheritdoc/>
    internal override void Release()
    {
        base.Release();
        foreach (Tensor direction in _directions.Values)
        {
            direction.Dispose();
        }
    }
}
