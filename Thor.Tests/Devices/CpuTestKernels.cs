using Thor.Kernels.Accelerators;
using Thor.Kernels.Dialect;

namespace Thor.Tests.Devices;

/// <summary>Kernels in the form that the processor runs, written by hand: what the cpu accelerator does without the translator.</summary>
internal static class CpuTestKernels
{
    private static KernelSource Describe(string name, bool barriers) => new()
    {
        Name = name,
        OpenCL = null,
        Cuda = string.Empty,
        HasBarriers = barriers,
        Location = "Hand.cs:1",
    };

    /// <summary>One thread of a kernel without barriers, given as a delegate.</summary>
    public readonly struct Through(ArrayView<int> view, Action<ArrayView<int>> body) : IKernel
    {
        public static KernelSource Source { get; } = Describe("Through", barriers: false);

        public void Bind(KernelArguments arguments) => arguments.Add(view);

        public void Run() => body(view);

        public IEnumerator<int> Steps() => throw new InvalidOperationException();
    }

    /// <summary>One thread of a kernel with barriers, given as a delegate.</summary>
    public readonly struct Rounds(ArrayView<int> view, Func<ArrayView<int>, IEnumerator<int>> body) : IKernel
    {
        public static KernelSource Source { get; } = Describe("Rounds", barriers: true);

        public void Bind(KernelArguments arguments) => arguments.Add(view);

        public void Run() => throw new InvalidOperationException();

        public IEnumerator<int> Steps() => body(view);
    }

    /// <summary>y = a x + y.</summary>
    public readonly struct Axpy(ReadOnlyView<float> x, ArrayView<float> y, float a) : IKernel
    {
        public static KernelSource Source { get; } = Describe("Axpy", barriers: false);

        public void Bind(KernelArguments arguments)
        {
            arguments.Add(x);
            arguments.Add(y);
            arguments.Add(a);
        }

        public void Run()
        {
            int i = (Grid.IdxX * Group.DimX) + Group.IdxX;
            if (i < y.Length)
            {
                y[i] = (a * x[i]) + y[i];
            }
        }

        public IEnumerator<int> Steps() => throw new InvalidOperationException();
    }

    /// <summary>c = a b of n by n matrices in tiles of 16, n a multiple of 16.</summary>
    public readonly struct TiledProduct(ReadOnlyView<float> a, ReadOnlyView<float> b, ArrayView<float> c, int n) : IKernel
    {
        public static KernelSource Source { get; } = Describe("TiledProduct", barriers: true);

        public void Bind(KernelArguments arguments)
        {
            arguments.Add(a);
            arguments.Add(b);
            arguments.Add(c);
            arguments.Add(n);
        }

        public void Run() => throw new InvalidOperationException();

        public IEnumerator<int> Steps() => Steps(a, b, c, n);

        private static IEnumerator<int> Steps(ReadOnlyView<float> a, ReadOnlyView<float> b, ArrayView<float> c, int n)
        {
            ArrayView<float> tileA = SharedMemory.Allocate<float>(256);
            ArrayView<float> tileB = SharedMemory.Allocate<float>(256);
            int row = (Grid.IdxY * 16) + Group.IdxY;
            int column = (Grid.IdxX * 16) + Group.IdxX;
            int own = (Group.IdxY * 16) + Group.IdxX;
            float sum = 0f;
            for (int k = 0; k < n; k += 16)
            {
                tileA[own] = a[(row * n) + k + Group.IdxX];
                tileB[own] = b[((k + Group.IdxY) * n) + column];
                yield return 1;
                for (int i = 0; i < 16; i++)
                {
                    sum += tileA[(Group.IdxY * 16) + i] * tileB[(i * 16) + Group.IdxX];
                }

                yield return 2;
            }

            c[(row * n) + column] = sum;
        }
    }
}
