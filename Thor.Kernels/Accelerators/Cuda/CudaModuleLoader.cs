using System.Text;

namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>Hands machine code or PTX to the driver and keeps what its translator says.</summary>
internal static unsafe class CudaModuleLoader
{
    private const int LogBytes = 16 << 10;

    // CUjit_option
    private const int InfoLogBuffer = 3;
    private const int InfoLogBufferBytes = 4;
    private const int ErrorLogBuffer = 5;
    private const int ErrorLogBufferBytes = 6;

    /// <summary>Loads an image into the current context and looks its kernel up.</summary>
    /// <param name="api">The driver.</param>
    /// <param name="image">Machine code, or PTX that ends in a zero.</param>
    /// <param name="kernel">Name of the kernel.</param>
    /// <param name="handles">The driver's module and function.</param>
    /// <param name="log">What the driver's translator said.</param>
    public static CudaResult Load(CudaApi api, ReadOnlySpan<byte> image, string kernel, out (nint Module, nint Function) handles, out string log)
    {
        byte[] info = new byte[LogBytes];
        byte[] error = new byte[LogBytes];
        nint module = 0;
        nint function = 0;
        CudaResult result;
        fixed (byte* imageBytes = image)
        fixed (byte* infoBytes = info)
        fixed (byte* errorBytes = error)
        fixed (byte* name = Encoding.UTF8.GetBytes(kernel + '\0'))
        {
            // Sizes travel in the pointers themselves.
            int* options = stackalloc int[] { InfoLogBuffer, InfoLogBufferBytes, ErrorLogBuffer, ErrorLogBufferBytes };
            void** values = stackalloc void*[4];
            values[0] = infoBytes;
            values[1] = (void*)LogBytes;
            values[2] = errorBytes;
            values[3] = (void*)LogBytes;
            result = api.ModuleLoadDataEx(&module, imageBytes, 4, options, values);
            if (result == CudaResult.Success)
            {
                result = api.ModuleGetFunction(&function, module, name);
                if (result != CudaResult.Success)
                {
                    api.ModuleUnload(module);
                }
            }
        }

        handles = (module, function);
        log = string.Join('\n', ((string[])[Text(error), Text(info)]).Where(static text => text.Length > 0));
        return result;
    }

    private static string Text(byte[] log)
    {
        int end = Array.IndexOf(log, (byte)0);
        return Encoding.UTF8.GetString(log, 0, end < 0 ? log.Length : end).Trim();
    }
}
