using System.Numerics;
using System.Runtime.Intrinsics;

namespace Thor.Kernels.Host;

/// <summary>
/// Convolution and its two adjoints over dense arrays, in whatever registers the machine has, on the worker pool. Results depend on the shapes
/// alone, not on the number of threads.
/// </summary>
public static unsafe class Convolution
{
    // Share of its registers' lanes that the product of channels must fill to beat the correlation of planes, which always fills them.
    private const double LeastFilledLanes = 0.8;

    /// <summary>y = x convolved (cross-correlated) with w, plus bias per output channel unless it is null.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    public static void Forward<T>(T* x, T* w, T* bias, T* y, in ConvolutionShape shape)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Vector512.IsHardwareAccelerated)
        {
            ImageProduct<T, Vector512<T>, Lanes512<T>>.Forward(x, w, bias, y, shape);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            ImageProduct<T, Vector256<T>, Lanes256<T>>.Forward(x, w, bias, y, shape);
        }
        else
        {
            ImageProduct<T, T, ScalarLanes<T>>.Forward(x, w, bias, y, shape);
        }
    }

    /// <summary>dx = the adjoint of the convolution in x, applied to dy.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    public static void InputGradient<T>(T* dy, T* w, T* dx, in ConvolutionShape shape)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Vector512.IsHardwareAccelerated)
        {
            ImageProduct<T, Vector512<T>, Lanes512<T>>.InputGradient(dy, w, dx, shape);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            ImageProduct<T, Vector256<T>, Lanes256<T>>.InputGradient(dy, w, dx, shape);
        }
        else
        {
            ImageProduct<T, T, ScalarLanes<T>>.InputGradient(dy, w, dx, shape);
        }
    }

    /// <summary>dw = the adjoint of the convolution in w, applied to dy.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    public static void WeightGradient<T>(T* x, T* dy, T* dw, in ConvolutionShape shape)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (shape.Batch == 0)
        {
            new Span<T>(dw, checked(shape.Outputs * shape.GroupInputs * shape.KernelY * shape.KernelX)).Clear();
        }
        else if (Vector512.IsHardwareAccelerated)
        {
            WeightGradient<T, Vector512<T>, Lanes512<T>>(x, dy, dw, shape);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            WeightGradient<T, Vector256<T>, Lanes256<T>>(x, dy, dw, shape);
        }
        else
        {
            WeightGradient<T, T, ScalarLanes<T>>(x, dy, dw, shape);
        }
    }

    private static void WeightGradient<T, TVector, TLanes>(T* x, T* dy, T* dw, in ConvolutionShape shape)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TVector : unmanaged
        where TLanes : struct, ILanes<T, TVector>
    {
        if (shape.GroupInputs < LeastFilledLanes * ConvolutionTiling.Filled(shape.GroupInputs, TLanes.Count))
        {
            FilterCorrelation<T, TVector, TLanes>.Run(x, dy, dw, shape);
        }
        else
        {
            FilterProduct<T, TVector, TLanes>.Run(x, dy, dw, shape);
        }
    }
}
