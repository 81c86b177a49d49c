namespace Thor.Kernels;

/// <summary>
/// Declares values of a kernel's <c>SpecializedValue</c> parameters that are compiled ahead of time where code is embedded; every
/// other value is compiled when it is first launched. One attribute per combination, values in the order of the parameters.
/// </summary>
/// <param name="values">One value per specialised parameter.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class KernelVariantsAttribute(params int[] values) : Attribute
{
    /// <summary>One value per specialised parameter.</summary>
    public IReadOnlyList<int> Values { get; } = values;
}
