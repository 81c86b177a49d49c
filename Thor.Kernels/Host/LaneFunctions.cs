using System.Numerics;
using System.Runtime.CompilerServices;

namespace Thor.Kernels.Host;

/// <summary>
/// Transcendental functions of registers, for float and double, branch-free. The polynomials are our own minimax fits,
/// computed with 40 digits; where a comment names an error it is that of the fit, relative.
/// </summary>
internal static class LaneFunctions
{
    /// <summary>e^x; 0 where the result would be below the smallest normal number, infinity above the largest; NaN stays NaN. Within 2 units in the last place.</summary>
    /// <remarks>x = k ln 2 + r with |r| at most ln 2 / 2, ln 2 in two parts so that k ln 2 is exact; e^x = 2^k (1 + r + r^2 P(r)), P to 8e-9 or 2e-19.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Exp<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>
    {
        bool single = typeof(T) == typeof(float);
        TLane magic = C<TLane, T>(single ? 12582912.0 : 6755399441055744.0);
        TLane shifted = TLane.Fma(x, C<TLane, T>(1.4426950408889634), magic);
        TLane k = shifted - magic;
        TLane r = TLane.Fma(k, C<TLane, T>(single ? -0.693359375 : -0.693147180369123816490), x);
        r = TLane.Fma(k, C<TLane, T>(single ? 2.12194440054690583e-4 : -1.90821492927058770002e-10), r);
        TLane p;
        if (typeof(T) == typeof(float))
        {
            p = C<TLane, T>(0.00139261835877134945);
            p = TLane.Fma(p, r, C<TLane, T>(0.00836317905272257737));
            p = TLane.Fma(p, r, C<TLane, T>(0.0416665546172045742));
            p = TLane.Fma(p, r, C<TLane, T>(0.166665769896987757));
            p = TLane.Fma(p, r, C<TLane, T>(0.5));
        }
        else
        {
            p = C<TLane, T>(2.09146869680868772e-9);
            p = TLane.Fma(p, r, C<TLane, T>(2.51052170047207452e-8));
            p = TLane.Fma(p, r, C<TLane, T>(2.75572736431102953e-7));
            p = TLane.Fma(p, r, C<TLane, T>(2.75572554002064244e-6));
            p = TLane.Fma(p, r, C<TLane, T>(0.0000248015873255477412));
            p = TLane.Fma(p, r, C<TLane, T>(0.000198412698748206253));
            p = TLane.Fma(p, r, C<TLane, T>(0.00138888888888837483));
            p = TLane.Fma(p, r, C<TLane, T>(0.00833333333332613513));
            p = TLane.Fma(p, r, C<TLane, T>(0.0416666666666666698));
            p = TLane.Fma(p, r, C<TLane, T>(0.16666666666666671));
            p = TLane.Fma(p, r, C<TLane, T>(0.5));
        }

        TLane power = TLane.Fma(p, r * r, r) + C<TLane, T>(1);
        TLane high = C<TLane, T>(single ? 88.72283 : 709.782712893384);
        TLane low = C<TLane, T>(single ? -87.33654 : -708.3964185322641);
        TLane scaled = TLane.IfGreater(x, high, C<TLane, T>(double.PositiveInfinity), TLane.Scale(power, shifted));

        // The last choice also lets NaN through: no comparison with it holds.
        return TLane.IfGreaterOrEqual(x, low, scaled, TLane.IfGreater(low, x, C<TLane, T>(0), x));
    }

    /// <summary>
    /// The upper tail of the standard normal distribution, 1 - Phi(a), for a at least 0, and e^(-a^2 / 2). Relative error a few
    /// units in the last place wherever the result is a normal number.
    /// </summary>
    /// <remarks>
    /// tail = e^(-a^2 / 2) P(q) / (a + c) with q = (a - c) / (a + c), the substitution of Shepherd and Laframboise,
    /// "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x" (Math. Comp. 36, 1981); c = 4 and error 1e-8 for float,
    /// c = 5 and error 2e-17 for double.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane NormalTail<TLane, T>(TLane a, out TLane bell)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>
    {
        bool single = typeof(T) == typeof(float);
        TLane half = C<TLane, T>(0.5);

        // The tail is 0 in either type beyond this; infinity would become NaN below.
        TLane limit = C<TLane, T>(single ? 14.5 : 39);
        a = TLane.IfGreater(a, limit, limit, a);

        // The rounding error of the square is put back: it would be multiplied by the size of the exponent.
        TLane square = a * a;
        TLane lost = TLane.Fma(a, a, -square);
        bell = Exp<TLane, T>(-(half * square));
        bell = TLane.Fma(-(half * lost), bell, bell);

        TLane c = C<TLane, T>(single ? 4 : 5);
        TLane r = C<TLane, T>(1) / (a + c);
        TLane q = (a - c) * r;
        TLane p;
        if (typeof(T) == typeof(float))
        {
            p = C<TLane, T>(-0.000122983157005266082);
            p = TLane.Fma(p, q, C<TLane, T>(0.000194801851142465442));
            p = TLane.Fma(p, q, C<TLane, T>(0.00156931364509224635));
            p = TLane.Fma(p, q, C<TLane, T>(-0.0035235740563519058));
            p = TLane.Fma(p, q, C<TLane, T>(-0.00752721291167985461));
            p = TLane.Fma(p, q, C<TLane, T>(0.0604064697483036412));
            p = TLane.Fma(p, q, C<TLane, T>(-0.18652300589738765));
            p = TLane.Fma(p, q, C<TLane, T>(0.387136679794706625));
            p = TLane.Fma(p, q, C<TLane, T>(-0.607896606073809151));
            p = TLane.Fma(p, q, C<TLane, T>(0.755285138510370549));
        }
        else
        {
            p = C<TLane, T>(2.22493876771644329e-9);
            p = TLane.Fma(p, q, C<TLane, T>(7.63041041787318234e-9));
            p = TLane.Fma(p, q, C<TLane, T>(-1.06182741742393764e-8));
            p = TLane.Fma(p, q, C<TLane, T>(-6.66752933922757159e-8));
            p = TLane.Fma(p, q, C<TLane, T>(4.37584159828557488e-8));
            p = TLane.Fma(p, q, C<TLane, T>(4.34439072637645847e-7));
            p = TLane.Fma(p, q, C<TLane, T>(-3.37496520352463191e-7));
            p = TLane.Fma(p, q, C<TLane, T>(-2.77032094414695228e-6));
            p = TLane.Fma(p, q, C<TLane, T>(3.98118274153257746e-6));
            p = TLane.Fma(p, q, C<TLane, T>(0.0000166817036097726794));
            p = TLane.Fma(p, q, C<TLane, T>(-0.0000497628531650301359));
            p = TLane.Fma(p, q, C<TLane, T>(-0.0000593758661673607092));
            p = TLane.Fma(p, q, C<TLane, T>(0.000544899062695852058));
            p = TLane.Fma(p, q, C<TLane, T>(-0.000797869374891193326));
            p = TLane.Fma(p, q, C<TLane, T>(-0.00299337676909447282));
            p = TLane.Fma(p, q, C<TLane, T>(0.0207950667975698564));
            p = TLane.Fma(p, q, C<TLane, T>(-0.069118638706479819));
            p = TLane.Fma(p, q, C<TLane, T>(0.165020366170500695));
            p = TLane.Fma(p, q, C<TLane, T>(-0.313533156671297106));
            p = TLane.Fma(p, q, C<TLane, T>(0.495305615969974136));
            p = TLane.Fma(p, q, C<TLane, T>(-0.665382502890056787));
            p = TLane.Fma(p, q, C<TLane, T>(0.769193049750062966));
        }

        return bell * (p * r);
    }

    /// <summary>The distribution function of the standard normal distribution and e^(-x^2 / 2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane NormalDistribution<TLane, T>(TLane x, out TLane bell)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>
    {
        TLane tail = NormalTail<TLane, T>(TLane.Abs(x), out bell);
        return TLane.IfGreater(x, C<TLane, T>(0), C<TLane, T>(1) - tail, tail);
    }

    /// <summary>The error function, within 2 units in the last place: x P(x^2) up to 1 (error 2e-9, 1e-17), 1 - 2 tail(sqrt(2) x) beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Erf<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>
    {
        TLane one = C<TLane, T>(1);
        TLane a = TLane.Abs(x);
        TLane s = a * a;
        TLane p;
        if (typeof(T) == typeof(float))
        {
            p = C<TLane, T>(0.0000787587506268548834);
            p = TLane.Fma(p, s, C<TLane, T>(-0.000801686428716586953));
            p = TLane.Fma(p, s, C<TLane, T>(0.00518908742343397399));
            p = TLane.Fma(p, s, C<TLane, T>(-0.0268542120106264124));
            p = TLane.Fma(p, s, C<TLane, T>(0.112835947151602177));
            p = TLane.Fma(p, s, C<TLane, T>(-0.37612626666720331));
            p = TLane.Fma(p, s, C<TLane, T>(1.12837916584835095));
        }
        else
        {
            p = C<TLane, T>(-7.79589882700214224e-10);
            p = TLane.Fma(p, s, C<TLane, T>(1.37200645467776856e-8));
            p = TLane.Fma(p, s, C<TLane, T>(-1.62084838018717059e-7));
            p = TLane.Fma(p, s, C<TLane, T>(1.64474247033173624e-6));
            p = TLane.Fma(p, s, C<TLane, T>(-0.0000149247369074196603));
            p = TLane.Fma(p, s, C<TLane, T>(0.000120552949048397079));
            p = TLane.Fma(p, s, C<TLane, T>(-0.000854832597538969208));
            p = TLane.Fma(p, s, C<TLane, T>(0.00522397760711642273));
            p = TLane.Fma(p, s, C<TLane, T>(-0.0268661706432377704));
            p = TLane.Fma(p, s, C<TLane, T>(0.112837916709450063));
            p = TLane.Fma(p, s, C<TLane, T>(-0.376126389031835404));
            p = TLane.Fma(p, s, C<TLane, T>(1.12837916709551257));
        }

        TLane tail = NormalTail<TLane, T>(a * C<TLane, T>(1.4142135623730951), out _);
        TLane far = TLane.CopySign(TLane.Fma(C<TLane, T>(-2), tail, one), x);
        return TLane.IfGreater(a, one, far, x * p);
    }

    /// <summary>Hyperbolic tangent, within 2 units in the last place: x + x^3 P(x^2) up to 5/8 (error 1e-9, 1e-19), 1 - 2 / (e^2x + 1) beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Tanh<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>
    {
        TLane one = C<TLane, T>(1);
        TLane a = TLane.Abs(x);
        TLane s = a * a;
        TLane p;
        if (typeof(T) == typeof(float))
        {
            p = C<TLane, T>(0.00229274481617814234);
            p = TLane.Fma(p, s, C<TLane, T>(-0.00834394551583915205));
            p = TLane.Fma(p, s, C<TLane, T>(0.0217689186510282102));
            p = TLane.Fma(p, s, C<TLane, T>(-0.0539592595772045427));
            p = TLane.Fma(p, s, C<TLane, T>(0.133333035569157418));
            p = TLane.Fma(p, s, C<TLane, T>(-0.333333331721403616));
        }
        else
        {
            p = C<TLane, T>(-2.4388316314720878e-6);
            p = TLane.Fma(p, s, C<TLane, T>(0.0000122099217901627817));
            p = TLane.Fma(p, s, C<TLane, T>(-0.0000370810692154423339));
            p = TLane.Fma(p, s, C<TLane, T>(0.0000960410915702626599));
            p = TLane.Fma(p, s, C<TLane, T>(-0.000238889446367511739));
            p = TLane.Fma(p, s, C<TLane, T>(0.000589981815838823207));
            p = TLane.Fma(p, s, C<TLane, T>(-0.00145582839983032459));
            p = TLane.Fma(p, s, C<TLane, T>(0.00359212750759925223));
            p = TLane.Fma(p, s, C<TLane, T>(-0.00886323549980199257));
            p = TLane.Fma(p, s, C<TLane, T>(0.021869488535133222));
            p = TLane.Fma(p, s, C<TLane, T>(-0.0539682539682359013));
            p = TLane.Fma(p, s, C<TLane, T>(0.133333333333333208));
            p = TLane.Fma(p, s, C<TLane, T>(-0.333333333333333333));
        }

        TLane far = one - (C<TLane, T>(2) / (Exp<TLane, T>(a + a) + one));
        return TLane.IfGreater(a, C<TLane, T>(0.625), TLane.CopySign(far, x), TLane.Fma(p * s, x, x));
    }

    /// <summary>1 / (1 + e^-x), without overflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Sigmoid<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>
    {
        // With e = e^-|x| at most 1: 1 / (1 + e), or e / (1 + e) below zero.
        TLane one = C<TLane, T>(1);
        TLane e = Exp<TLane, T>(-TLane.Abs(x));
        return TLane.IfGreater(C<TLane, T>(0), x, e, one) / (one + e);
    }

    /// <summary>log(1 + e^x) = max(x, 0) + log(1 + e^-|x|).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Softplus<TLane, T>(TLane x)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>
    {
        // log(1 + e) = e log(u) / (u - 1) with u the rounded 1 + e: the rounding errors of log(u) and u - 1 cancel (Kahan).
        TLane one = C<TLane, T>(1);
        TLane e = Exp<TLane, T>(-TLane.Abs(x));
        TLane u = one + e;
        TLane log = TLane.IfEqual(u, one, e, e * TLane.Log(u) / (u - one));
        return TLane.Max(x, C<TLane, T>(0)) + log;
    }

    /// <summary>A constant in every element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane C<TLane, T>(double value)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>
    {
        if (typeof(T) == typeof(float))
        {
            return TLane.All(Unsafe.BitCast<float, T>((float)value));
        }

        return typeof(T) == typeof(double) ? TLane.All(Unsafe.BitCast<double, T>(value)) : TLane.All(Unsafe.BitCast<int, T>((int)value));
    }
}
