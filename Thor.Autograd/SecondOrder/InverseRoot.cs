using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>Inverse roots of symmetric positive semidefinite matrices by the batch.</summary>
public static class InverseRoot
{
    private const int Order = 4;

    // Largest |N - I| of a root that counts; rounding leaves far less.
    private const double Residual = 0.01;

    // Iterations after the smallest eigenvalue has come near 1, where convergence is quadratic.
    private const int LastIterations = 6;

    /// <summary>(M + epsilon |M| I)^(-1/4) of every matrix M, with |M| its Frobenius norm; the identity for zero.</summary>
    /// <remarks>
    /// The coupled Newton iteration (Guo and Higham 2006; used for Shampoo by Anil et al. 2020): with X = (z)^(1/4) I and N = z M, where z = 5 / (2 |M|), each
    /// step is T = (5 I - N) / 4, X = X T, N = T^4 N; N becomes I and X the root. Every step multiplies a small eigenvalue of N by
    /// (5/4)^4, so epsilon decides how many are made, and nothing waits to see. Made of batched products alone.
    /// </remarks>
    /// <param name="matrices">(batch, n, n), symmetric.</param>
    /// <param name="epsilon">
    /// The ridge, a share of the norm, above 0. In float32 rounding makes matrices indefinite that are ridged by less than about 1e-5, and then the
    /// iteration does not converge.
    /// </param>
    /// <returns>The roots (batch, n, n), and (batch, 1, 1) 1 where the iteration converged, else 0; both new and the caller's.</returns>
    public static (Tensor Roots, Tensor Converged) Fourth(Tensor matrices, double epsilon)
    {
        ArgumentNullException.ThrowIfNull(matrices);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(epsilon);
        if (matrices.Rank != 3 || matrices.Shape[1] != matrices.Shape[2])
        {
            throw new ShapeException($"InverseRoot: matrices must be (batch, n, n), got {matrices}");
        }

        using TensorScope outer = TensorScope.Begin();
        int n = matrices.Shape[1];
        Tensor identity = Identity(n, matrices);
        Tensor squares = matrices.Reduce(ReduceOperation.SumOfSquares, [1, 2], keepAxes: true);
        Tensor one = Tensor.Ones(squares.Shape, squares.DType, squares.Device);
        Tensor norm = Tensor.Where(squares, squares.Map(UnaryOperation.SquareRoot), one);

        // Of a zero matrix N is 0 in the first place and X stays; the identity takes the place of both.
        Tensor isZero = Tensor.Map(BinaryOperation.Equal, squares, 0);
        Tensor ridged = (matrices / norm) + (identity * (isZero + epsilon));
        const double Scale = (Order + 1) / 2.0;
        Tensor root = identity * (Scale / norm).MapInPlace(UnaryOperation.SquareRoot).MapInPlace(UnaryOperation.SquareRoot);
        Tensor product = ridged * Scale;
        int iterations = LastIterations + (int)Math.Ceiling(Math.Log(1 / (Scale * Math.Min(1, epsilon))) / (Order * Math.Log((Order + 1.0) / Order)));
        for (int i = 0; i < Math.Max(LastIterations, iterations); i++)
        {
            using TensorScope scope = TensorScope.Begin();
            Tensor step = (identity * ((Order + 1.0) / Order)) - (product * (1.0 / Order));
            Tensor square = step.MatMul(step);
            Tensor nextRoot = scope.Keep(root.MatMul(step));
            Tensor nextProduct = scope.Keep(square.MatMul(square).MatMul(product));
            root.Dispose();
            product.Dispose();
            (root, product) = (nextRoot, nextProduct);
        }

        Tensor residual = (product - identity).Reduce(ReduceOperation.SumOfSquares, [1, 2], keepAxes: true);
        return (outer.Keep((root + root.Transpose()) * 0.5), outer.Keep(Tensor.Map(BinaryOperation.Greater, Residual * Residual, residual)));
    }

    private static Tensor Identity(int n, Tensor like)
    {
        Tensor identity = Tensor.Zeros([n * n], like.DType, like.Device);
        identity.Slice(0, 0, n, n + 1).Fill(1);
        return identity.Reshape(1, n, n);
    }
}
