namespace Thor.Kernels.Kernels;

/// <summary>
/// Copies from device memory to shared memory that pass by the registers and run on while the thread computes. A thread starts copies,
/// closes them into a batch with <see cref="Commit"/>, and later waits until only the newest n batches may still be under way; a barrier
/// then shows the bytes to the other threads of the group. CUDA from compute capability 8.0 on; on the processor the copy happens at once.
/// </summary>
public static class PtxAsyncCopy
{
    /// <summary>Copies 4 floats past the first-level cache. Both addresses must be multiples of 16 bytes.</summary>
    /// <param name="shared">Shared memory, written from its first element on.</param>
    /// <param name="global">Device memory, read from its first element on.</param>
    [Ptx("cp.async.cg.shared.global [%0], [%1], 16;", TouchesMemory = true)]
    public static void Copy16(ArrayView<float> shared, ReadOnlyView<float> global) => Copy(shared, global, 4, 4);

    /// <summary>
    /// Copies the first 0 to 4 floats past the first-level cache and writes zeros behind them, 4 floats in all. Both addresses must be
    /// multiples of 16 bytes; nothing is read where <paramref name="bytes"/> is 0, but the address must be one of the view.
    /// </summary>
    /// <param name="shared">Shared memory, written from its first element on.</param>
    /// <param name="global">Device memory, read from its first element on.</param>
    /// <param name="bytes">Bytes to copy: 0, 4, 8, 12 or 16.</param>
    [Ptx("cp.async.cg.shared.global [%0], [%1], 16, %2;", TouchesMemory = true)]
    public static void Copy16(ArrayView<float> shared, ReadOnlyView<float> global, int bytes) => Copy(shared, global, bytes / 4, 4);

    /// <summary>Copies 1 float, or writes a zero where <paramref name="bytes"/> is 0: for rows that begin at no multiple of 16 bytes.</summary>
    /// <param name="shared">Shared memory, written at its first element.</param>
    /// <param name="global">Device memory, read at its first element.</param>
    /// <param name="bytes">Bytes to copy: 0 or 4.</param>
    [Ptx("cp.async.ca.shared.global [%0], [%1], 4, %2;", TouchesMemory = true)]
    public static void Copy4(ArrayView<float> shared, ReadOnlyView<float> global, int bytes) => Copy(shared, global, bytes / 4, 1);

    /// <summary>Closes the copies that this thread started since the last call into a batch; a batch may be empty.</summary>
    [Ptx("cp.async.commit_group;", TouchesMemory = true)]
    public static void Commit()
    {
    }

    /// <summary>Waits for all batches of this thread but the newest.</summary>
    [Ptx("cp.async.wait_group 1;", TouchesMemory = true)]
    public static void WaitAllBut1()
    {
    }

    /// <summary>Waits for all batches of this thread but the 2 newest.</summary>
    [Ptx("cp.async.wait_group 2;", TouchesMemory = true)]
    public static void WaitAllBut2()
    {
    }

    /// <summary>Waits for all copies of this thread.</summary>
    [Ptx("cp.async.wait_all;", TouchesMemory = true)]
    public static void WaitAll()
    {
    }

    private static void Copy(ArrayView<float> shared, ReadOnlyView<float> global, int count, int written)
    {
        for (int i = 0; i < written; i++)
        {
            shared[i] = i < count ? global[i] : 0f;
        }
    }
}
