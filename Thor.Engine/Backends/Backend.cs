using Thor.Engine.Memory;
using Thor.Kernels;
using Thor.Kernels.Accelerators;

namespace Thor.Engine.Backends;

/// <summary>
/// What a device must be able to do: memory and a few dozen primitives. Everything else in Thor is composed of these.
/// </summary>
/// <remarks>
/// Callers have validated shapes, element types and devices, and own all tensors. Results are contiguous and complete
/// (every element written) unless a parameter says otherwise. Operands may be strided or broadcast views where noted,
/// else they are contiguous. A primitive may return before the work is done; only <see cref="Download"/> and
/// <see cref="Synchronize"/> wait. Results are a function of operands and shapes alone: not of thread count or timing.
/// </remarks>
public abstract partial class Backend
{
    /// <summary>The device this backend drives.</summary>
    public abstract Device Device { get; }

    /// <summary>Where the device's memory stands.</summary>
    public abstract MemoryStatistics Statistics { get; }

    /// <summary>An uninitialised block.</summary>
    public abstract TensorMemory Allocate(long bytes);

    /// <summary>Gives pooled memory back to the system.</summary>
    public abstract void Trim();

    /// <summary>Copies host bytes into a block.</summary>
    public abstract void Upload(ReadOnlySpan<byte> source, TensorMemory destination, long byteOffset);

    /// <summary>Copies bytes of a block to the host, after all work submitted before.</summary>
    public abstract void Download(TensorMemory source, long byteOffset, Span<byte> destination);

    /// <summary>Waits for all submitted work.</summary>
    public abstract void Synchronize();

    /// <summary>Marks this point of the queue and notes when it is reached, without waiting; null on the host, where nothing is queued.</summary>
    public virtual AcceleratorEvent? RecordTimed() => null;

    /// <summary>
    /// Submits the primitives that an action calls, on this thread, to be worked beside everything that is submitted later: on a second queue, or on
    /// a thread of its own. The work begins when all that was submitted before is done.
    /// </summary>
    /// <param name="submit">
    /// Calls primitives of this backend. Until the result is joined nothing else may write what they read, or touch what they write, and their tensors
    /// must stay alive.
    /// </param>
    /// <returns>To be joined before what was written is used, and disposed.</returns>
    public abstract SideWork Aside(Action submit);

    /// <summary>
    /// Records the work that an action submits, runs it once, and returns it as a unit that can be submitted again; null, with nothing done,
    /// where the device cannot. All memory that the work uses, but that of tensors made outside, stays with the recording.
    /// </summary>
    public virtual AcceleratorGraph? Record(Action submit) => null;

    /// <summary>y = value, strided.</summary>
    public abstract void Fill(Tensor y, double value);

    /// <summary>y = x. Both may be strided, x may be broadcast; element types may differ (float to int truncates toward zero and saturates).</summary>
    public abstract void Copy(Tensor x, Tensor y);

    /// <summary>y = op(x). x may be strided; y may be x.</summary>
    public abstract void Map(UnaryOperation operation, Tensor x, Tensor y);

    /// <summary>y = op(a, b). Operands have y's shape and may be strided or broadcast; y may be an operand of the same layout.</summary>
    public abstract void Map(BinaryOperation operation, Tensor a, Tensor b, Tensor y);

    /// <summary>y = op(a, scalar).</summary>
    public abstract void Map(BinaryOperation operation, Tensor a, double b, Tensor y);

    /// <summary>y = op(scalar, b).</summary>
    public abstract void Map(BinaryOperation operation, double a, Tensor b, Tensor y);

    /// <summary>y = condition != 0 ? a : b, with the broadcasting rules of Map.</summary>
    public abstract void Select(Tensor condition, Tensor a, Tensor b, Tensor y);

    /// <summary>y = y + alpha x, same shape, y contiguous, x may be strided or broadcast.</summary>
    public abstract void AddScaled(double alpha, Tensor x, Tensor y);

    /// <summary>Reduces the axes whose extent in y is 1 while x has more; ranks are equal. x may be strided.</summary>
    public abstract void Reduce(ReduceOperation operation, Tensor x, Tensor y);

    /// <summary>Index (Int32) of the largest element along the last axis, the first of equals; x is (rows, n), y is (rows).</summary>
    public abstract void ArgMax(Tensor x, Tensor y);

    /// <summary>What operands of float products may be rounded to where that is faster. Devices without tensor cores round nothing, whatever it says.</summary>
    public MatMulPrecision MatMulPrecision { get; set; }

    /// <summary>
    /// c = alpha a b + beta c (+ bias along the last axis). a is (..., m, k), b is (..., k, n), both with any strides
    /// (so transposed views cost nothing) and broadcast batch axes equal in rank to c's; c is (..., m, n), contiguous.
    /// With beta 0, c is not read. Bias, where given, is (n).
    /// </summary>
    public abstract void MatMul(Tensor a, Tensor b, Tensor c, double alpha = 1, double beta = 0, Tensor? bias = null);

    /// <summary>y = one-hot rows: y is (ids..., classes); an id outside [0, classes) gives a zero row.</summary>
    public abstract void OneHot(Tensor ids, Tensor y);

    /// <summary>y[i, :] = table[ids[i], :]; table is (rows, width), ids (n), y (n, width).</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the table.</exception>
    public abstract void Gather(Tensor table, Tensor ids, Tensor y);

    /// <summary>table[ids[i], :] += x[i, :], in the order of i for each row. The table is not cleared first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the table.</exception>
    public abstract void ScatterAdd(Tensor ids, Tensor x, Tensor table);

    /// <summary>One fused optimizer update in place. State tensors have the parameter's shape; second is null where the rule has none.</summary>
    /// <param name="rule">Which.</param>
    /// <param name="step">Its numbers.</param>
    /// <param name="parameter">Contiguous, changed.</param>
    /// <param name="gradient">Contiguous.</param>
    /// <param name="first">First state, changed.</param>
    /// <param name="second">Second state, changed.</param>
    /// <param name="gradientScale">
    /// One element of the parameter's type by which the gradient is multiplied on top of the step's own scale: factors that are known on the device only.
    /// NaN: nothing is changed.
    /// </param>
    public abstract void Update(
        UpdateRule rule, in UpdateStep step, Tensor parameter, Tensor gradient, Tensor first, Tensor? second, Tensor? gradientScale = null);

    /// <summary>
    /// Uniform numbers in [0, 1) from the Philox stream of a key, read from word number counter on: a Float32 element takes one
    /// word, a Float64 element two. The bits are the same on every device.
    /// </summary>
    public abstract void Uniform(Tensor y, ulong key, ulong counter);

    /// <summary>Standard normal numbers from the same stream, as many words per element, by <see cref="Thor.Kernels.Host.NormalTable"/>. The bits are the same on every device.</summary>
    public abstract void Normal(Tensor y, ulong key, ulong counter);

    /// <summary>1 / keep with probability keep, else 0, from the same stream: one word per element, kept if below keep * 2^32.</summary>
    public abstract void DropoutMask(Tensor y, double keep, ulong key, ulong counter);
}
