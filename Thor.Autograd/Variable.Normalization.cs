using Thor.Engine;

namespace Thor.Autograd;

/// <content>Normalisation by statistics of the batch or of each row.</content>
public partial class Variable
{
    /// <summary>
    /// Normalises over all axes but 1 with the batch's own statistics: weight (x - mean) inverseDeviation + bias, where
    /// inverseDeviation is 1 / sqrt(biased variance + epsilon).
    /// </summary>
    /// <param name="weight">Scale (channels).</param>
    /// <param name="bias">Shift (channels).</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="mean">The batch's mean (channels); no gradient flows through it.</param>
    /// <param name="inverseDeviation">The factor that was used (channels); no gradient flows through it.</param>
    public Variable BatchNorm(Variable weight, Variable bias, double epsilon, out Tensor mean, out Tensor inverseDeviation)
    {
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(bias);
        Tensor value = Value.BatchNorm(weight.Value, bias.Value, epsilon, out Tensor m, out Tensor d);
        mean = m;
        inverseDeviation = d;
        return Node.Record("BatchNorm", value, [this, weight, bias], (g, needed) =>
        {
            if (Gradients.Enabled)
            {
                return NormGradient(g, weight, AllButChannels(), ChannelShape(), epsilon, needed);
            }

            (Tensor dx, Tensor dWeight, Tensor dBias) = Value.BatchNormGradient(g.Value, weight.Value, m, d, MayOverwrite(g.Value));
            return [dx, dWeight, dBias];
        });
    }

    /// <summary>
    /// Normalises along the last axis with the row's own statistics: weight (x - mean) inverseDeviation + bias, where
    /// inverseDeviation is 1 / sqrt(biased variance + epsilon). Weight and bias have the length of that axis.
    /// </summary>
    public Variable LayerNorm(Variable weight, Variable bias, double epsilon)
    {
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(bias);
        Tensor value = Value.LayerNorm(weight.Value, bias.Value, epsilon, out Tensor mean, out Tensor inverseDeviation);
        return Node.Record("LayerNorm", value, [this, weight, bias], (g, needed) =>
        {
            if (Gradients.Enabled)
            {
                return NormGradient(g, weight, [-1], weight.Shape, epsilon, needed);
            }

            (Tensor dx, Tensor dWeight, Tensor dBias) = Value.LayerNormGradient(g.Value, weight.Value, mean, inverseDeviation, MayOverwrite(g.Value));
            return [dx, dWeight, dBias];
        });
    }

    /// <summary>x * scale + shift with one scale and one shift per channel (axis 1), as batch norm does with fixed statistics.</summary>
    public Variable ChannelAffine(Variable scale, Variable shift)
    {
        ArgumentNullException.ThrowIfNull(scale);
        ArgumentNullException.ThrowIfNull(shift);
        Tensor value = Value.ChannelAffine(scale.Value, shift.Value);
        return Node.Record("ChannelAffine", value, [this, scale, shift], (g, needed) =>
        [
            needed[0] ? g * scale.Reshape(ChannelShape()) : null,
            needed[1] ? (g * this).Sum(AllButChannels()) : null,
            needed[2] ? g.Sum(AllButChannels()) : null,
        ]);
    }

    /// <summary>
    /// Gradients of a normalisation, as functions of everything: with n the normalised input and h = g weight,
    /// dx = (h - mean(h) - n mean(h n)) inverseDeviation, where means run over the axes of the statistics.
    /// </summary>
    private Variable?[] NormGradient(Variable g, Variable weight, int[] axes, Shape weightShape, double epsilon, ReadOnlySpan<bool> needed)
    {
        Variable centred = this - Mean(axes, keepAxes: true);
        Variable inverseDeviation = (centred.Square().Mean(axes, keepAxes: true) + epsilon).Pow(-0.5);
        Variable normalised = centred * inverseDeviation;
        Variable h = g * weight.Reshape(weightShape);
        return
        [
            needed[0] ? (h - h.Mean(axes, keepAxes: true) - (normalised * (h * normalised).Mean(axes, keepAxes: true))) * inverseDeviation : null,
            needed[1] ? (g * normalised).SumTo(weightShape).Reshape(weight.Shape) : null,
            needed[2] ? g.SumTo(weightShape).Reshape(weight.Shape) : null,
        ];
    }

    /// <summary>(channels, 1, 1, ...), which broadcasts along axis 1.</summary>
    private Shape ChannelShape()
    {
        int[] extents = new int[Shape.Rank - 1];
        Array.Fill(extents, 1);
        extents[0] = Shape[1];
        return new Shape(extents);
    }

    private int[] AllButChannels()
    {
        int[] axes = new int[Shape.Rank - 1];
        for (int i = 1; i < axes.Length; i++)
        {
            axes[i] = i + 1;
        }

        return axes;
    }
}
