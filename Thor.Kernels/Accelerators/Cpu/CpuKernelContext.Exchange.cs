using System.Globalization;

namespace Thor.Kernels.Accelerators.Cpu;

/// <content>What threads of a group tell one another: values of shuffles, promises of uniform values.</content>
internal sealed partial class CpuKernelContext
{
    private const int MostOperands = 16;

    private readonly Dictionary<int, UniformSite> _uniform = [];

    // Two places per thread that take turns: a thread may offer its next value while others have yet to receive the one before,
    // but not the one after next, since all threads meet between offering and receiving.
    private int[] _offers = [];
    private int[] _offerCount = [];
    private int[] _wanted = [];

    // Of instructions of a warp, in the same turns; made when the first is executed.
    private int[] _operands = [];

    /// <inheritdoc/>
    public override void Offer(int bits, int lane)
    {
        int turn = _offerCount[_linear]++ & 1;
        _offers[(2 * _linear) + turn] = bits;
        _wanted[_linear] = lane;
    }

    /// <inheritdoc/>
    public override int Receive()
    {
        int turn = (_offerCount[_linear] - 1) & 1;
        int lane = _wanted[_linear];
        int source = (_linear / Warp.WarpSize * Warp.WarpSize) + lane;
        bool exists = (uint)lane < Warp.WarpSize && source < _threads;
        return _offers[(2 * (exists ? source : _linear)) + turn];
    }

    /// <inheritdoc/>
    public override void OfferOperands(params ReadOnlySpan<int> operands)
    {
        if (_threads % Warp.WarpSize != 0)
        {
            throw new KernelFaultException(string.Create(
                CultureInfo.InvariantCulture,
                $"An instruction of a whole warp needs groups of a multiple of {Warp.WarpSize} threads, not {_threads}{Where()}."));
        }

        if (_operands.Length < 2 * _threads * MostOperands)
        {
            _operands = new int[2 * _threads * MostOperands];
        }

        int turn = _offerCount[_linear]++ & 1;
        operands.CopyTo(_operands.AsSpan(((2 * _linear) + turn) * MostOperands, MostOperands));
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<int> Operands(int lane)
    {
        int turn = (_offerCount[_linear] - 1) & 1;
        int source = (_linear / Warp.WarpSize * Warp.WarpSize) + lane;
        return _operands.AsSpan(((2 * source) + turn) * MostOperands, MostOperands);
    }

    /// <inheritdoc/>
    public override void CheckUniform(int line, int bits)
    {
        if (!_uniform.TryGetValue(line, out UniformSite? site))
        {
            site = new UniformSite();
            site.Reset(_threads);
            _uniform.Add(line, site);
        }

        if (!site.Agrees(_linear, bits, out int first))
        {
            throw new KernelFaultException(string.Create(
                CultureInfo.InvariantCulture,
                $"Group.Uniform at line {line} was promised the same value in all threads of the group; it is {bits} here and {first} in an earlier thread{Where()}."));
        }
    }

    private void BeginExchange()
    {
        _uniform.Clear();
        if (_sideBySide && _offerCount.Length < _threads)
        {
            _offers = new int[2 * _threads];
            _offerCount = new int[_threads];
            _wanted = new int[_threads];
        }
    }

    private void BeginGroupExchange()
    {
        if (_sideBySide)
        {
            Array.Clear(_offerCount, 0, _threads);
        }

        foreach (UniformSite site in _uniform.Values)
        {
            site.Reset(_threads);
        }
    }

    /// <summary>A line with a promise: what came by the first time, the second time and so on, and how often each thread came.</summary>
    private sealed class UniformSite
    {
        private readonly List<int> _values = [];
        private int[] _passes = [];

        public void Reset(int threads)
        {
            _values.Clear();
            if (_passes.Length < threads)
            {
                _passes = new int[threads];
            }

            Array.Clear(_passes);
        }

        public bool Agrees(int thread, int bits, out int first)
        {
            int pass = _passes[thread]++;
            if (pass == _values.Count)
            {
                _values.Add(bits);
            }

            first = _values[pass];
            return first == bits;
        }
    }
}
