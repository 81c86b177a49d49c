using System.Runtime.InteropServices;

namespace Thor.Kernels.Kernels;

/// <summary>How planes are copied into padded ones, phase by phase: element (y, x) goes to (y * StepY + Top, x * StepX + Left) of the padded plane.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PaddedCopy
{
    /// <summary>Rows of a plane.</summary>
    public int Height;

    /// <summary>Columns of a plane.</summary>
    public int Width;

    /// <summary>Rows from one element to the next: more than 1 puts zeros between rows.</summary>
    public int StepY;

    /// <summary>Columns from one element to the next.</summary>
    public int StepX;

    /// <summary>Rows above the plane; negative cuts rows off.</summary>
    public int Top;

    /// <summary>Columns left of the plane; negative cuts columns off.</summary>
    public int Left;

    /// <summary>Phases of rows.</summary>
    public int PhasesY;

    /// <summary>Phases of columns.</summary>
    public int PhasesX;

    /// <summary>Rows of a phase.</summary>
    public int Rows;

    /// <summary>Columns of a phase.</summary>
    public int Pitch;

    /// <summary>Elements of a padded plane.</summary>
    public int Plane;
}
