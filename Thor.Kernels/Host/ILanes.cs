namespace Thor.Kernels.Host;

/// <summary>A vector register of one width and element type: what the convolution kernels are written in, so that one source serves every instruction set.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <typeparam name="TVector">The register.</typeparam>
internal unsafe interface ILanes<T, TVector>
    where T : unmanaged
    where TVector : unmanaged
{
    /// <summary>Elements of a register.</summary>
    static abstract int Count { get; }

    /// <summary>Rows of the largest tile of rows x 2 registers whose sums, operands and all, fit in the register file.</summary>
    static abstract int Rows { get; }

    /// <summary>Taps of the largest tile of 4 x taps registers of sums that fits.</summary>
    static abstract int Taps { get; }

    static abstract TVector Zero { get; }

    static abstract TVector Load(T* source);

    static abstract void Store(TVector value, T* target);

    static abstract TVector Broadcast(T value);

    static abstract TVector Add(TVector a, TVector b);

    /// <summary>a * b + c.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>
    /// target[l, r] = source[r, l] for r below rows (at most Count) and l below lanes (at most Count). Source rows must be
    /// readable up to Count elements where lanes is Count.
    /// </summary>
    static abstract void Transpose(T* source, nint sourceStride, int rows, T* target, nint targetStride, int lanes);
}
