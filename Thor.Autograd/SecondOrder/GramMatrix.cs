using Thor.Engine;

namespace Thor.Autograd.SecondOrder;

/// <summary>A parameter as a matrix (rows, columns), with the Gram matrices of its gradients: L, the sum or mean of G G^T, and R, of G^T G, tile by tile.</summary>
/// <remarks>A weight of more axes is the matrix of its first axis against all others.</remarks>
internal sealed class GramMatrix : IDisposable
{
    private readonly string _name;

    public GramMatrix(string name, Parameter parameter, int tileSize)
    {
        _name = name;
        Parameter = parameter;
        Rows = parameter.Shape[0];
        Columns = checked((int)(parameter.Value.Length / Rows));
        TileSize = tileSize;
        Left = Factor("L", FactorSide.Output, Rows);
        Right = Factor("R", FactorSide.Input, Columns);
        Direction = parameter.Value.EmptyLike([Rows, Columns]).Persist();
        Shaped = Direction.Reshape(parameter.Shape).Persist();
    }

    public Parameter Parameter { get; }

    public int Rows { get; }

    public int Columns { get; }

    public int TileSize { get; }

    /// <summary>L, and what is made of it.</summary>
    public KroneckerFactor Left { get; }

    /// <summary>R, and what is made of it.</summary>
    public KroneckerFactor Right { get; }

    /// <summary>Gradients seen.</summary>
    public int Count { get; set; }

    /// <summary>What takes the gradient's place, (rows, columns); valid until the next step.</summary>
    public Tensor Direction { get; }

    /// <summary>The same in the parameter's shape.</summary>
    public Tensor Shaped { get; }

    /// <summary>Whether this step has a direction.</summary>
    public bool HasDirection { get; set; }

    /// <summary>The gradient as a matrix, contiguous.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public Tensor Gradient =>
        Parameter.Gradient?.Reshape(Rows, Columns) ?? throw new InvalidOperationException($"'{_name}' has no gradient.");

    /// <summary>Adds the gradient to the Gram matrices.</summary>
    public void Observe(double decay)
    {
        Tensor gradient = Gradient;
        Count++;

        // The stored average is the corrected one: its weight and the newcomer's add up to 1 from the first gradient on.
        double newcomer = decay < 1 ? (1 - decay) / (1 - Math.Pow(decay, Count)) : 1;
        double keep = Count == 1 ? 0 : decay < 1 ? 1 - newcomer : 1;
        gradient.Device.Backend.TileCovariance(gradient, TileSize, newcomer, keep, Right.Tiles);
        gradient.Device.Backend.TileCovariance(gradient.Transpose().Contiguous(), TileSize, newcomer, keep, Left.Tiles);
    }

    public void Dispose()
    {
        Left.Release();
        Right.Release();
        Shaped.Dispose();
        Direction.Dispose();
    }

    private KroneckerFactor Factor(string suffix, FactorSide side, int dimension)
    {
        KroneckerFactor factor = new(_name, $"{_name}.{suffix}", side, dimension, TileSize);
        Tensor value = Parameter.Value;
        using Tensor tiles = Tensor.Zeros([checked((int)factor.Length)], value.DType, value.Device).Persist();
        using Tensor results = Tensor.Zeros([checked((int)factor.Length)], value.DType, value.Device).Persist();
        factor.Bind(tiles, results, tiles, null, 0); // its views keep the memory
        return factor;
    }
}
