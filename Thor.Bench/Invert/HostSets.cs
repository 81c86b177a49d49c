using System.Runtime.InteropServices;

namespace Thor.Bench.Invert;

/// <summary>Operands and results of a cell in the host's memory, in as many sets as asked for.</summary>
internal sealed unsafe class HostSets : IDisposable
{
    private const int Alignment = 64;

    private readonly float*[] _operands;
    private readonly float* _output;

    public HostSets(TileProblem problem, int sets)
    {
        Problem = problem;
        Sets = sets;
        _operands = new float*[problem.Operands.Count];
        for (int operand = 0; operand < _operands.Length; operand++)
        {
            TileOperand shape = problem.Operands[operand];
            _operands[operand] = Allocate(shape);
            for (int row = 0; row < shape.Rows; row++)
            {
                problem.FillRow(operand, row, new Span<float>(_operands[operand] + (row * shape.RowElements), (int)shape.RowElements));
            }

            for (int set = 1; set < sets; set++)
            {
                Buffer.MemoryCopy(_operands[operand], _operands[operand] + (set * shape.Elements), shape.Elements * sizeof(float), shape.Elements * sizeof(float));
            }
        }

        _output = AllocateOutput();
    }

    /// <summary>The cell.</summary>
    public TileProblem Problem { get; }

    /// <summary>Number of sets.</summary>
    public int Sets { get; }

    /// <summary>First element of an operand of a set.</summary>
    public float* Operand(int operand, int set) => _operands[operand] + (set * Problem.Operands[operand].Elements);

    /// <summary>First element of the results of a set.</summary>
    public float* Output(int set) => _output + (set * Problem.Output.Elements);

    /// <summary>Memory for further results of all sets, filled with zeros; the caller's to free.</summary>
    public float* AllocateOutput()
    {
        // Written once, so that no call finds pages that the system has yet to give.
        float* output = Allocate(Problem.Output);
        NativeMemory.Clear(output, (nuint)(Sets * Problem.Output.Elements * sizeof(float)));
        return output;
    }

    public void Dispose()
    {
        foreach (float* operand in _operands)
        {
            NativeMemory.AlignedFree(operand);
        }

        NativeMemory.AlignedFree(_output);
    }

    private float* Allocate(TileOperand shape) => (float*)NativeMemory.AlignedAlloc((nuint)(Sets * shape.Elements * sizeof(float)), Alignment);
}
