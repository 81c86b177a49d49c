namespace Thor.Kernels.Accelerators.Ilgpu.Language;

/// <summary>What the dialect adds to ILGPU's <see cref="Group"/>.</summary>
public static class GroupAdditions
{
    extension(Group)
    {
        /// <summary>Promises that all threads of the group compute the same value. ILGPU holds nobody to it.</summary>
        public static bool Uniform(bool value) => value;

        /// <inheritdoc cref="Uniform(bool)"/>
        public static int Uniform(int value) => value;
    }
}
