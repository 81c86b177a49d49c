using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Engine;

namespace Thor.Bench.Verify;

/// <summary>Derivatives of a model sample by sample, in double on the host: what exact curvature is made of.</summary>
internal static class Jacobian
{
    /// <summary>Of one sample: for each parameter the matrix (outputs, elements of the parameter).</summary>
    /// <param name="model">In double, on the host.</param>
    /// <param name="inputs">A batch.</param>
    /// <param name="sample">Which sample of it.</param>
    public static ReferenceMatrix[] Of(Layer model, Tensor inputs, int sample)
    {
        IReadOnlyList<Parameter> parameters = model.Parameters();
        Variable output = model.Forward(inputs.Slice(0, sample, 1));
        int outputs = (int)output.Value.Length;
        ReferenceMatrix[] jacobians = [.. parameters.Select(p => new ReferenceMatrix(outputs, (int)p.Value.Length))];
        for (int k = 0; k < outputs; k++)
        {
            Tensor seed = Tensor.Zeros([outputs], DType.Float64);
            seed.Slice(0, k, 1).Fill(1);
            Variable[] rows = Gradients.Of(output, parameters, new Variable(seed.Reshape(output.Shape)));
            for (int p = 0; p < rows.Length; p++)
            {
                rows[p].Value.ToArray<double>().CopyTo(jacobians[p].Elements, k * jacobians[p].Columns);
            }
        }

        return jacobians;
    }

    /// <summary>The mean over samples of J^T L J for each parameter, with L of each sample.</summary>
    /// <param name="model">In double, on the host.</param>
    /// <param name="inputs">A batch.</param>
    /// <param name="lossCurvature">L (outputs, outputs) from the outputs of a sample: the identity for half the squared error.</param>
    public static ReferenceMatrix[] GaussNewton(Layer model, Tensor inputs, Func<double[], ReferenceMatrix> lossCurvature)
    {
        int samples = inputs.Shape[0];
        ReferenceMatrix[]? sums = null;
        for (int n = 0; n < samples; n++)
        {
            double[] outputs = model.Forward(inputs.Slice(0, n, 1)).Value.ToArray<double>();
            ReferenceMatrix curvature = 1.0 / samples * lossCurvature(outputs);
            ReferenceMatrix[] blocks = Array.ConvertAll(Of(model, inputs, n), j => j.Transpose() * curvature * j);
            sums = sums is null ? blocks : [.. sums.Zip(blocks, static (a, b) => a + b)];
        }

        return sums ?? throw new ArgumentException("There are no samples.", nameof(inputs));
    }

    /// <summary>The mean over samples of J^T L J for all parameters at once, one after the other.</summary>
    /// <inheritdoc cref="GaussNewton"/>
    public static ReferenceMatrix WholeGaussNewton(Layer model, Tensor inputs, Func<double[], ReferenceMatrix> lossCurvature)
    {
        int samples = inputs.Shape[0];
        ReferenceMatrix? sum = null;
        for (int n = 0; n < samples; n++)
        {
            double[] outputs = model.Forward(inputs.Slice(0, n, 1)).Value.ToArray<double>();
            ReferenceMatrix[] parts = [.. Of(model, inputs, n).Select(static part => part.Transpose())];
            ReferenceMatrix transpose = new(parts.Sum(static part => part.Rows), outputs.Length, [.. parts.SelectMany(static part => part.Elements)]);
            ReferenceMatrix own = transpose * (1.0 / samples * lossCurvature(outputs)) * transpose.Transpose();
            sum = sum is null ? own : sum + own;
        }

        return sum ?? throw new ArgumentException("There are no samples.", nameof(inputs));
    }

    /// <summary>diag(p) - p p^T with p the softmax of the outputs: the curvature of cross-entropy, and its Fisher.</summary>
    public static ReferenceMatrix Softmax(double[] outputs)
    {
        double largest = outputs.Max();
        double[] exponentials = Array.ConvertAll(outputs, value => Math.Exp(value - largest));
        double sum = exponentials.Sum();
        ReferenceMatrix curvature = new(outputs.Length, outputs.Length);
        for (int i = 0; i < outputs.Length; i++)
        {
            for (int j = 0; j < outputs.Length; j++)
            {
                double p = exponentials[i] / sum;
                curvature[i, j] = (i == j ? p : 0) - (p * exponentials[j] / sum);
            }
        }

        return curvature;
    }
}
