using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;

namespace Thor.Kernels.Accelerators.Ilgpu;

/// <summary>The kernels of a device: found by name among those that were compiled against ILGPU, compiled by ILGPU when first launched.</summary>
internal sealed class IlgpuKernels(IlgpuAccelerator accelerator)
{
    private static readonly ConcurrentDictionary<string, MethodInfo> s_methods = new();

    private readonly ConcurrentDictionary<int, Delegate> _launchers = new();
    private readonly ConcurrentDictionary<int, Delegate> _kernels = new();
    private readonly Lock _compiling = new();

    /// <summary>Makes the kernels of an assembly known by the names that the translator gives them.</summary>
    public static void Add(Assembly assembly)
    {
        foreach (MethodInfo method in assembly.GetTypes().SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)))
        {
            if (method.IsDefined(typeof(KernelAttribute), inherit: false))
            {
                s_methods[NameOf(method)] = method;
            }
        }
    }

    /// <summary>The method of a kernel that was compiled against ILGPU; null if there is none of that name.</summary>
    public static MethodInfo? Find(KernelSource source) => s_methods.GetValueOrDefault(source.Name);

    /// <summary>What launches a kernel.</summary>
    /// <exception cref="DeviceException">ILGPU cannot run the kernel: the message says why and where the kernel is.</exception>
    public IlgpuLaunch<TKernel> Launcher<TKernel>()
        where TKernel : struct, IKernel => (IlgpuLaunch<TKernel>)_launchers.GetOrAdd(TKernel.Source.Id, static (_, all) => all.NewLauncher<TKernel>(), this);

    /// <summary>Lets ILGPU translate a kernel. Machine code for specialised values is made when they are first launched.</summary>
    /// <exception cref="DeviceException">As for a launch.</exception>
    public Delegate Load(KernelSource source) => _kernels.GetOrAdd(source.Id, static (_, load) => load.All.Compile(load.Source), (All: this, Source: source));

    private static string NameOf(MethodInfo method)
    {
        string name = method.Name;
        for (Type? type = method.DeclaringType; type is not null; type = type.DeclaringType)
        {
            name = $"{type.Name}_{name}";
        }

        return name;
    }

    private Delegate Compile(KernelSource source)
    {
        if (source.HasPtx)
        {
            throw new DeviceException(
                $"Kernel {source.Name} ({source.Location}) cannot run on {accelerator.Name}: it holds PTX instructions, which ILGPU does not take from methods. Launch the form of it that has none.");
        }

        if (Find(source) is not MethodInfo method)
        {
            throw new DeviceException(
                $"Kernel {source.Name} ({source.Location}) cannot run on {accelerator.Name}: no assembly that was registered holds it compiled against ILGPU.");
        }

        Type[] parameters = [typeof(ILGPU.Runtime.AcceleratorStream), typeof(ILGPU.KernelConfig), .. method.GetParameters().Select(static parameter => parameter.ParameterType), typeof(void)];
        KernelAttribute head = method.GetCustomAttribute<KernelAttribute>()!; // only such methods are known
        KernelSpecialization bounds = new(Bound(head.MaxGroupSize), Bound(head.MinGroupsPerMultiprocessor));
        MethodInfo load = typeof(ILGPU.Runtime.Accelerator).GetMethods().Single(static candidate => candidate is { Name: "LoadKernel", IsGenericMethodDefinition: true }
            && candidate.GetParameters() is [{ ParameterType: Type first }, { ParameterType: Type second }]
            && first == typeof(MethodInfo) && second == typeof(KernelSpecialization));
        lock (_compiling)
        {
            try
            {
                return (Delegate)load.MakeGenericMethod(Expression.GetDelegateType(parameters))
                    .Invoke(accelerator.Device, BindingFlags.DoNotWrapExceptions, null, [method, bounds], null)!; // returns a delegate
            }
            catch (Exception exception) when (exception is AcceleratorException or InternalCompilerException or NotSupportedException)
            {
                throw accelerator.Failure($"kernel {source.Name} ({source.Location})", exception);
            }
        }
    }

    private static int? Bound(int value) => value > 0 ? value : null;

    /// <summary>A method that reads the launcher's fields one by one, turns each into what ILGPU takes, and calls ILGPU's launcher.</summary>
    private IlgpuLaunch<TKernel> NewLauncher<TKernel>()
        where TKernel : struct, IKernel
    {
        Delegate inner = Load(TKernel.Source);
        ParameterExpression stream = Expression.Parameter(typeof(ILGPU.Runtime.AcceleratorStream));
        ParameterExpression config = Expression.Parameter(typeof(ILGPU.KernelConfig));
        ParameterExpression kernel = Expression.Parameter(typeof(TKernel).MakeByRefType());
        IEnumerable<Expression> arguments = Find(TKernel.Source)!.GetParameters() // loaded above
            .Select(parameter => IlgpuArguments.Convert(Expression.Field(kernel, $"_{parameter.Name}"), parameter.ParameterType));
        Expression call = Expression.Invoke(Expression.Constant(inner), [stream, config, .. arguments]);
        return Expression.Lambda<IlgpuLaunch<TKernel>>(call, stream, config, kernel).Compile();
    }
}
