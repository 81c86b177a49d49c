using System.Runtime.InteropServices;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Dialect;

namespace Thor.Bench.Invert;

/// <summary>Operands and results of a cell in an accelerator's memory, in as many sets as asked for.</summary>
internal sealed class DeviceSets : IDisposable
{
    private const long StagingElements = 4L << 20;

    private readonly MemoryBuffer[] _operands;
    private readonly MemoryBuffer _output;

    /// <exception cref="DeviceException">The device has too little memory.</exception>
    public DeviceSets(TileProblem problem, Accelerator accelerator, int sets)
    {
        Problem = problem;
        Accelerator = accelerator;
        Sets = sets;
        _operands = new MemoryBuffer[problem.Operands.Count];
        int allocated = 0;
        try
        {
            for (; allocated < _operands.Length; allocated++)
            {
                _operands[allocated] = accelerator.Allocate(problem.Operands[allocated].Elements * sets * sizeof(float));
            }

            _output = accelerator.Allocate(problem.Output.Elements * sets * sizeof(float));
        }
        catch (DeviceException)
        {
            Free(allocated);
            throw;
        }

        // Where memory is the host's, pages that were never written appear with the first write, which is no part of a call.
        for (int set = 0; set < sets; set++)
        {
            Erase(set);
        }

        for (int operand = 0; operand < _operands.Length; operand++)
        {
            Fill(operand);
        }
    }

    /// <summary>The cell.</summary>
    public TileProblem Problem { get; }

    /// <summary>The device.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>Number of sets.</summary>
    public int Sets { get; }

    /// <summary>An operand of a set, from an element on.</summary>
    public ArrayView<float> Operand(int operand, int set, long from = 0) => View(_operands[operand], Problem.Operands[operand].Elements, set, from);

    /// <summary>Results of a set, from an element on.</summary>
    public ArrayView<float> Output(int set, long from = 0) => View(_output, Problem.Output.Elements, set, from);

    /// <summary>Memory for further results of all sets, filled with zeros; the caller's to dispose.</summary>
    /// <exception cref="DeviceException">The device has too little memory.</exception>
    public MemoryBuffer<float> AllocateOutput()
    {
        MemoryBuffer<float> output = Accelerator.Allocate<float>(checked((int)(Problem.Output.Elements * Sets)));
        output.Clear();
        return output;
    }

    /// <summary>Sets the results of a set to zero, which none is.</summary>
    public void Erase(int set) => Accelerator.Stream.Clear(_output, Output(set).OffsetInBytes, Output(set).LengthInBytes);

    /// <summary>Copies results to the host.</summary>
    public void Read(int set, long offset, Span<float> destination) =>
        Accelerator.Stream.Download(_output, Output(set, offset).OffsetInBytes, MemoryMarshal.AsBytes(destination));

    public void Dispose()
    {
        Free(_operands.Length);
        _output.Dispose();
    }

    private static ArrayView<float> View(MemoryBuffer buffer, long elements, int set, long from) =>
        new(buffer, ((set * elements) + from) * sizeof(float), elements - from);

    private void Fill(int operand)
    {
        TileOperand shape = Problem.Operands[operand];
        AcceleratorStream stream = Accelerator.Stream;
        int rowsAtOnce = (int)Math.Clamp(StagingElements / shape.RowElements, 1, shape.Rows);
        int rowElements = (int)shape.RowElements;
        float[] staging = new float[checked(rowsAtOnce * rowElements)];
        for (int first = 0; first < shape.Rows; first += rowsAtOnce)
        {
            int count = Math.Min(rowsAtOnce, shape.Rows - first);
            for (int row = 0; row < count; row++)
            {
                Problem.FillRow(operand, first + row, staging.AsSpan(row * rowElements, rowElements));
            }

            stream.Upload(MemoryMarshal.AsBytes(staging.AsSpan(0, count * rowElements)), _operands[operand], first * shape.RowElements * sizeof(float));
        }

        long bytes = shape.Elements * sizeof(float);
        for (int set = 1; set < Sets; set++)
        {
            stream.Copy(_operands[operand], 0, _operands[operand], set * bytes, bytes);
        }

        stream.Synchronize();
    }

    private void Free(int operands)
    {
        foreach (MemoryBuffer buffer in _operands.AsSpan(0, operands))
        {
            buffer.Dispose();
        }
    }
}
