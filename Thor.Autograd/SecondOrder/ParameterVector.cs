using Thor.Engine;
using Thor.Engine.Memory;

namespace Thor.Autograd.SecondOrder;

/// <summary>All parameters as one vector, one after the other in row-major order.</summary>
internal static class ParameterVector
{
    /// <summary>Its elements.</summary>
    public static int Length(IReadOnlyList<Parameter> parameters) => checked((int)parameters.Sum(static p => p.Value.Length));

    /// <summary>Views of a vector, one of each parameter's shape.</summary>
    public static IEnumerable<Tensor> Parts(Tensor vector, IReadOnlyList<Parameter> parameters)
    {
        int start = 0;
        foreach (Parameter parameter in parameters)
        {
            int length = (int)parameter.Value.Length;
            yield return vector.Slice(0, start, length).Reshape(parameter.Shape);
            start += length;
        }
    }

    /// <summary>result = a linear function of a vector that is given parameter by parameter.</summary>
    public static void Multiply(
        Func<IReadOnlyList<Tensor>, Tensor[]> function, IReadOnlyList<Parameter> parameters, Tensor vector, Tensor result)
    {
        using TensorScope scope = TensorScope.Begin();
        foreach ((Tensor part, Tensor product) in Parts(result, parameters).Zip(function([.. Parts(vector, parameters)])))
        {
            part.CopyFrom(product);
        }
    }

    /// <summary>The matrix of a linear function, whose row i is what it makes of unit vector i: a symmetric matrix itself, any other transposed.</summary>
    public static Tensor Matrix(Func<IReadOnlyList<Tensor>, Tensor[]> function, IReadOnlyList<Parameter> parameters)
    {
        int length = Length(parameters);
        Tensor like = parameters[0].Value;
        Tensor matrix = like.EmptyLike([length, length]);
        Tensor unit = Tensor.Zeros([length], like.DType, like.Device);
        for (int i = 0; i < length; i++)
        {
            using TensorScope scope = TensorScope.Begin();
            Tensor one = unit.Slice(0, i, 1);
            one.Fill(1);
            Multiply(function, parameters, unit, matrix.Select(0, i));
            one.Fill(0);
        }

        return matrix;
    }
}
