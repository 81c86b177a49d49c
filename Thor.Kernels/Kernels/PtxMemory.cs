namespace Thor.Kernels.Kernels;

/// <summary>
/// Device memory by address, where one launch works on more buffers than it has parameters. Whoever puts addresses into a table keeps the
/// buffers alive. CUDA; on the processor the addresses are the process's own.
/// </summary>
public static unsafe class PtxMemory
{
    /// <summary>Reads 4 floats. The address must be a multiple of 16.</summary>
    [Ptx("ld.global.v4.f32 {%0, %1, %2, %3}, [%4];", TouchesMemory = true)]
    public static void Load4(ref float x, ref float y, ref float z, ref float w, ulong address)
    {
        float* source = (float*)address;
        x = source[0];
        y = source[1];
        z = source[2];
        w = source[3];
    }

    /// <summary>Reads a float.</summary>
    [Ptx("ld.global.f32 %0, [%1];", TouchesMemory = true)]
    public static void Load(ref float x, ulong address) => x = *(float*)address;

    /// <summary>
    /// Copies the first 0 to 4 floats to shared memory, zeros behind them, as <see cref="PtxAsyncCopy"/> does from a view. The address must be a multiple of 16.
    /// </summary>
    /// <param name="shared">Shared memory, written from its first element on.</param>
    /// <param name="address">Where to read; an address of the buffer even where nothing is.</param>
    /// <param name="bytes">Bytes to copy: 0, 4, 8, 12 or 16.</param>
    [Ptx("cp.async.cg.shared.global [%0], [%1], 16, %2;", TouchesMemory = true)]
    public static void CopyAsync(ArrayView<float> shared, ulong address, int bytes)
    {
        for (int i = 0; i < 4; i++)
        {
            shared[i] = 4 * i < bytes ? ((float*)address)[i] : 0f;
        }
    }

    /// <summary>Writes 4 floats. The address must be a multiple of 16.</summary>
    [Ptx("st.global.v4.f32 [%4], {%0, %1, %2, %3};", TouchesMemory = true)]
    public static void Store4(float x, float y, float z, float w, ulong address)
    {
        float* target = (float*)address;
        target[0] = x;
        target[1] = y;
        target[2] = z;
        target[3] = w;
    }

    /// <summary>Writes a float.</summary>
    [Ptx("st.global.f32 [%1], %0;", TouchesMemory = true)]
    public static void Store(float x, ulong address) => *(float*)address = x;
}
