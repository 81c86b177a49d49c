using System.Numerics;
using static Thor.Kernels.Host.LaneFunctions;

namespace Thor.Kernels.Host;

/// <summary>What softmax and cross-entropy do with one contiguous row. Remainders run through the same code one element at a time.</summary>
internal static unsafe class RowFunctions
{
    /// <summary>Sum of e^(x - shift), which is also written where a target is given; the target may be x.</summary>
    public static T SumOfExponentials<TLane, T>(T* x, nint n, T shift, T* target)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>
    {
        TLane first = C<TLane, T>(0);
        TLane second = first;
        TLane by = TLane.All(shift);
        nint i = 0;
        for (; i <= n - (2 * TLane.Count); i += 2 * TLane.Count)
        {
            TLane e = Exp<TLane, T>(TLane.Load(x + i) - by);
            TLane f = Exp<TLane, T>(TLane.Load(x + i + TLane.Count) - by);
            first += e;
            second += f;
            if (target != null)
            {
                e.Store(target + i);
                f.Store(target + i + TLane.Count);
            }
        }

        T sum = (first + second).Sum();
        for (; i < n; i++)
        {
            Lane1<T> e = Exp<Lane1<T>, T>(Lane1<T>.Load(x + i) - Lane1<T>.All(shift));
            sum += e.Sum();
            if (target != null)
            {
                e.Store(target + i);
            }
        }

        return sum;
    }

    /// <summary>y = e^(x - shift) * factor + offset.</summary>
    public static void ScaledExponentials<TLane, T>(T* x, nint n, T shift, T factor, T offset, T* y)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>
    {
        nint i = 0;
        for (; i <= n - TLane.Count; i += TLane.Count)
        {
            TLane.Fma(Exp<TLane, T>(TLane.Load(x + i) - TLane.All(shift)), TLane.All(factor), TLane.All(offset)).Store(y + i);
        }

        for (; i < n; i++)
        {
            Lane1<T>.Fma(Exp<Lane1<T>, T>(Lane1<T>.Load(x + i) - Lane1<T>.All(shift)), Lane1<T>.All(factor), Lane1<T>.All(offset)).Store(y + i);
        }
    }

    /// <summary>y = x * factor + offset; y may be x.</summary>
    public static void Affine<TLane, T>(T* x, nint n, T factor, T offset, T* y)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>
    {
        nint i = 0;
        for (; i <= n - TLane.Count; i += TLane.Count)
        {
            TLane.Fma(TLane.Load(x + i), TLane.All(factor), TLane.All(offset)).Store(y + i);
        }

        for (; i < n; i++)
        {
            Lane1<T>.Fma(Lane1<T>.Load(x + i), Lane1<T>.All(factor), Lane1<T>.All(offset)).Store(y + i);
        }
    }

    /// <summary>Sum of a * b.</summary>
    public static T Dot<TLane, T>(T* a, T* b, nint n)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>
    {
        TLane first = C<TLane, T>(0);
        TLane second = first;
        nint i = 0;
        for (; i <= n - (2 * TLane.Count); i += 2 * TLane.Count)
        {
            first = TLane.Fma(TLane.Load(a + i), TLane.Load(b + i), first);
            second = TLane.Fma(TLane.Load(a + i + TLane.Count), TLane.Load(b + i + TLane.Count), second);
        }

        T sum = (first + second).Sum();
        for (; i < n; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
