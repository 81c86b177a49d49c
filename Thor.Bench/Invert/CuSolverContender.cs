using System.Runtime.InteropServices;
using Thor.Bench.Peers;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.Cuda;
using Thor.Kernels.Dialect;

namespace Thor.Bench.Invert;

/// <summary>
/// Inverses by cuSOLVER's batched Cholesky factorisation and two batched triangular solves of cuBLAS against identities. Damping is added
/// beforehand and not timed; the copies into the memory that is overwritten are.
/// </summary>
internal sealed class CuSolverContender : DeviceContender
{
    /// <summary>Arrays as large as the results that a cell with this peer holds: results, damped tiles, factors, identities.</summary>
    public const int Copies = 4;

    private readonly CuSolver _solver;
    private readonly CuBlas _blas;
    private readonly MemoryBuffer _damped;
    private readonly MemoryBuffer _factors;
    private readonly MemoryBuffer _identities;
    private readonly MemoryBuffer<long> _factorAddresses;
    private readonly MemoryBuffer<long> _resultAddresses;
    private readonly MemoryBuffer<int> _info;

    public CuSolverContender(DeviceSets sets)
        : base(TilePeers.CuSolver, sets)
    {
        Accelerator accelerator = sets.Accelerator;
        _solver = new CuSolver(Stream);
        _blas = new CuBlas(Stream);
        long bytes = Problem.Output.Elements * sizeof(float);
        _damped = accelerator.Allocate(bytes * sets.Sets);
        _factors = accelerator.Allocate(bytes);
        _identities = accelerator.Allocate(bytes);
        _info = accelerator.Allocate<int>(Problem.Batch);
        _factorAddresses = accelerator.Allocate(Addresses(new ArrayView<float>(_factors, 0, Problem.Output.Elements), 1));
        _resultAddresses = accelerator.Allocate(Addresses(sets.Output(0), sets.Sets));
        Fill();
    }

    private long TileBytes => (long)Problem.Dimension * Problem.Dimension * sizeof(float);

    public override void Run(int set, int first, int units)
    {
        int n = Problem.Dimension;
        long from = first * TileBytes;
        long bytes = units * TileBytes;
        ArrayView<float> results = Memory.Output(set, first * (TileBytes / sizeof(float)));
        Stream.Copy(_damped, (set * Problem.Output.Elements * sizeof(float)) + from, _factors, from, bytes);
        Stream.Copy(_identities, from, results.Buffer!, results.OffsetInBytes, bytes); // results lie in a buffer
        nint factors = CudaInterop.Address(_factorAddresses.View.SubView(first, units));
        nint sides = CudaInterop.Address(_resultAddresses.View.SubView(((long)set * Problem.Batch) + first, units));
        _solver.Factor(factors, n, CudaInterop.Address(_info.View.SubView(first, units)), units);
        _blas.SolveTriangular(factors, sides, n, transpose: false, units);
        _blas.SolveTriangular(factors, sides, n, transpose: true, units);
    }

    public override string? Complaint(int set, int first, int units)
    {
        int[] info = new int[units];
        Stream.Download(_info.Buffer, first * sizeof(int), MemoryMarshal.AsBytes(info.AsSpan()));
        return TileSlots.Complaint(info, first);
    }

    public override void Dispose()
    {
        Wait();
        _solver.Dispose();
        _blas.Dispose();
        _damped.Dispose();
        _factors.Dispose();
        _identities.Dispose();
        _factorAddresses.Dispose();
        _resultAddresses.Dispose();
        _info.Dispose();
    }

    private void Fill()
    {
        int n = Problem.Dimension;
        float[] tile = new float[n * n];
        float[] identity = new float[n * n];
        for (int i = 0; i < n; i++)
        {
            identity[i * (n + 1)] = 1;
        }

        for (int index = 0; index < Problem.Batch; index++)
        {
            Problem.FillRow(0, index, tile);
            for (int i = 0; i < n; i++)
            {
                tile[i * (n + 1)] += TileInverseProblem.Damping;
            }

            Stream.Upload(MemoryMarshal.AsBytes(tile.AsSpan()), _damped, index * TileBytes);
            Stream.Upload(MemoryMarshal.AsBytes(identity.AsSpan()), _identities, index * TileBytes);
        }

        long bytes = Problem.Batch * TileBytes;
        for (int set = 1; set < Memory.Sets; set++)
        {
            Stream.Copy(_damped, 0, _damped, set * bytes, bytes);
        }
    }

    private long[] Addresses(ArrayView<float> first, int sets)
    {
        long start = CudaInterop.Address(first);
        long[] addresses = new long[(long)sets * Problem.Batch];
        for (int i = 0; i < addresses.Length; i++)
        {
            addresses[i] = start + (i * TileBytes);
        }

        return addresses;
    }
}
