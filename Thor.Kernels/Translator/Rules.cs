using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Thor.Kernels.Translator;

/// <summary>
/// What a kernel may not be or hold, one id a fault. 0001-0019: declarations; 0020-0059: constructs; 0060-0079: memory and barriers;
/// 0080-0089: precision; 0090-0099: the translator itself.
/// </summary>
internal static class Rules
{
    public static readonly DiagnosticDescriptor NotStatic = Error(
        1, "Kernel is not static", "Kernel '{0}' is an instance method. Declare it static; what it needs of an object, pass as arguments.");

    public static readonly DiagnosticDescriptor NotPartial = Error(
        2, "Class of a kernel is not static and partial", "'{0}' holds kernel '{1}'. Declare it, and every type around it, partial, and the class itself static, so that the launcher can be added.");

    public static readonly DiagnosticDescriptor GenericKernel = Error(
        3, "Kernel is generic", "Kernel '{0}' has type parameters or stands in a generic type. Write one kernel per type that calls a common helper.");

    public static readonly DiagnosticDescriptor KernelReturns = Error(
        4, "Kernel returns a value", "Kernel '{0}' returns '{1}'. Return void and write results through an ArrayView.");

    public static readonly DiagnosticDescriptor KernelParameterType = Error(
        5, "Parameter type of a kernel", "Parameter '{0}' of type '{1}' cannot be passed to a device. Use ArrayView, ReadOnlyView, float, integers of 8 to 64 bits, bool, enums, SpecializedValue<int>, or a struct of such numbers.");

    public static readonly DiagnosticDescriptor KernelParameterReference = Error(
        6, "Kernel parameter by reference", "Parameter '{0}' of a kernel is passed by reference. Pass a number by value, and what the kernel writes as an ArrayView.");

    public static readonly DiagnosticDescriptor KernelName = Error(
        7, "Name of the launcher is taken", "The launcher of kernel '{0}' would be '{1}', but '{2}' has such a member already or several kernels whose names differ in case at most. Rename one.");

    public static readonly DiagnosticDescriptor KernelAccess = Error(
        8, "Kernel class is not reachable", "Class '{0}' of kernel '{1}' is private, protected or local to a file. Make it internal or public.");

    public static readonly DiagnosticDescriptor KernelBody = Error(
        9, "Kernel has no body to translate", "Kernel '{0}' is async, extern, an iterator or has no body. Write an ordinary method body.");

    public static readonly DiagnosticDescriptor GroupSize = Error(
        10, "Group size of a kernel", "[Kernel] of '{0}': {1}. Use a MaxGroupSize of 1 to 1024, and MinGroupsPerMultiprocessor of at least 0 only together with it.");

    public static readonly DiagnosticDescriptor Variants = Error(
        11, "Values of specialised parameters", "[KernelVariants] of '{0}' gives {1} values, but the kernel has {2} specialised parameters. Give one value each, in the order of the parameters.");

    public static readonly DiagnosticDescriptor StructLayout = Error(
        12, "Struct cannot be laid out alike on all devices", "Struct '{0}' cannot be used in a kernel: {1}. Use a plain struct with sequential layout whose fields are int, uint, long, ulong, float, byte, ushort or such structs.");

    public static readonly DiagnosticDescriptor PtxSignature = Error(
        13, "Signature of a PTX method", "PTX method '{0}': {1}. Parameters may be int, uint, long, ulong, float, ref of these, and views; the result one of these numbers or void.");

    public static readonly DiagnosticDescriptor HelperSignature = Error(
        14, "Signature of a helper", "'{0}' is called by a kernel, but {1}. Helpers take and return numbers, plain structs and vectors, take views, and may have ref or out parameters.");

    public static readonly DiagnosticDescriptor ElementType = Error(
        15, "Element type of a view", "Elements of type '{0}' cannot be kept in views of kernels. Use float, int, uint, long, ulong, byte, sbyte, short, ushort, FloatX2 to FloatX16 or a plain struct of numbers.");

    public static readonly DiagnosticDescriptor Exceptions = Error(
        20, "Exception handling in a kernel", "'{0}' has no meaning on a device. Test conditions with if, and report faults through a view.");

    public static readonly DiagnosticDescriptor Throw = Error(
        21, "Throw in a kernel", "A kernel cannot throw. Check arguments before the launch, or record the fault in a view.");

    public static readonly DiagnosticDescriptor Delegate = Error(
        22, "Delegate in a kernel", "Lambdas, delegates and method groups cannot run on a device. Call a static method.");

    public static readonly DiagnosticDescriptor ForEach = Error(
        23, "foreach in a kernel", "foreach needs an enumerator. Use for with an index.");

    public static readonly DiagnosticDescriptor Text = Error(
        24, "Text in a kernel", "Strings and characters do not exist on a device. Use numbers.");

    public static readonly DiagnosticDescriptor Allocation = Error(
        25, "Allocation in a kernel", "'{0}' would allocate on the managed heap or the stack. Use SharedMemory.Allocate, LocalMemory.Allocate or locals.");

    public static readonly DiagnosticDescriptor ReferenceType = Error(
        26, "Reference type in a kernel", "'{0}' is or becomes a reference to an object. Use numbers, plain structs and views.");

    public static readonly DiagnosticDescriptor Async = Error(
        27, "await or yield in a kernel", "'{0}' cannot pause a device thread. Use Group.Barrier to wait for the group.");

    public static readonly DiagnosticDescriptor Recursion = Error(
        28, "Recursion in a kernel", "'{0}' calls itself, directly or through others. Use a loop.");

    public static readonly DiagnosticDescriptor InstanceCall = Error(
        29, "Call of an instance member in a kernel", "'{0}' is not a static method. Make it static and pass the value as an argument.");

    public static readonly DiagnosticDescriptor ExternalCall = Error(
        30, "Call of a method without source", "'{0}' has no source in this project and no meaning to the translator. Use XMath, MathF or a static method of this project.");

    public static readonly DiagnosticDescriptor AssignmentAsValue = Error(
        31, "Assignment used as a value", "'{0}' changes a variable inside an expression, where C does not say in which order. Make it a statement of its own.");

    public static readonly DiagnosticDescriptor Jump = Error(
        32, "goto in a kernel", "goto and labels are not translated. Use loops, break, continue or a helper that returns.");

    public static readonly DiagnosticDescriptor Pattern = Error(
        33, "Pattern in a kernel", "The pattern '{0}' is not translated. Use constants, comparisons with constants, and, or, not; in place of when use if.");

    public static readonly DiagnosticDescriptor Checked = Error(
        34, "Checked arithmetic in a kernel", "'{0}' is checked, but a device cannot throw on overflow. Use unchecked arithmetic, which wraps.");

    public static readonly DiagnosticDescriptor StaticState = Error(
        35, "Static variable in a kernel", "'{0}' is a static variable of the host. Use a const, or pass the value as an argument.");

    public static readonly DiagnosticDescriptor UnsupportedType = Error(
        36, "Type that devices lack", "Type '{0}' is not translated. Use bool, byte, sbyte, short, ushort, int, uint, long, ulong, float, FloatX2 to FloatX16, enums and plain structs of these.");

    public static readonly DiagnosticDescriptor Tuple = Error(
        37, "Tuple in a kernel", "Tuples and deconstruction are not translated. Use a struct, or out parameters of a helper.");

    public static readonly DiagnosticDescriptor Pointer = Error(
        38, "Reference or pointer variable in a kernel", "'{0}' is a reference or pointer. Use a view and an index.");

    public static readonly DiagnosticDescriptor SwitchValue = Error(
        39, "Switch expression in a kernel", "This switch expression {0}. End it with an arm '_ =>', and switch on a variable.");

    public static readonly DiagnosticDescriptor Nullable = Error(
        40, "Nullable value in a kernel", "'{0}' may be null. Use a plain value and a flag.");

    public static readonly DiagnosticDescriptor Unsupported = Error(
        41, "Construct that is not translated", "'{0}' ({1}) is not translated. Write it with locals, loops, if, and calls of static methods.");

    public static readonly DiagnosticDescriptor Property = Error(
        43, "Property in a kernel", "Property '{0}' is not translated. Use a field, a const or a static method.");

    public static readonly DiagnosticDescriptor LocalFunction = Error(
        44, "Local function that is not static", "Local function '{0}' may capture variables. Declare it static and pass what it needs.");

    public static readonly DiagnosticDescriptor AllocationSize = Error(
        60, "Size of an array of a kernel", "The size '{0}' is not known when the kernel is compiled. Use constants and specialised values, at least 1; for other sizes of shared memory use SharedMemory.GetDynamic.");

    public static readonly DiagnosticDescriptor AllocationPlace = Error(
        61, "Place of an allocation", "'{0}' is called {1}. Call it in a declaration at the top level of the kernel and pass the view on.");

    public static readonly DiagnosticDescriptor SharedBudget = Error(
        62, "Shared memory of a kernel", "The arrays in shared memory take {0} bytes, but {1} are the most that compilers accept. Use SharedMemory.GetDynamic, whose size the launch names.");

    public static readonly DiagnosticDescriptor ViewAssignment = Error(
        63, "View variable that changes", "View '{0}' is not set once, by its declaration. Declare another view, or keep an offset in a variable.");

    public static readonly DiagnosticDescriptor MixedMemory = Error(
        64, "View of two kinds of memory", "'{0}' would be a view of {1} or of {2}. Devices keep these apart: choose with if and use each by its own name.");

    public static readonly DiagnosticDescriptor DivergentBarrier = Error(
        65, "Barrier that not all threads may reach", "'{0}' waits for all threads of a group, but '{1}' (line {2}) may differ between them: it depends on {3}. Move it to where all threads pass, or write Group.Uniform(...) around a condition that is in fact the same for all.");

    public static readonly DiagnosticDescriptor BarrierStatement = Error(
        66, "Barrier inside a statement", "'{0}' waits for all threads of a group and is not a statement of its own. Make it one.");

    public static readonly DiagnosticDescriptor BarrierPlace = Error(
        70, "Place of a barrier", "'{0}' stands in '{1}', which {2}. Barriers and shuffles stand in the kernel or in helpers of partial types that return void and have no ref or out parameters.");

    public static readonly DiagnosticDescriptor ShufflePlace = Error(
        71, "Place of a shuffle", "'{0}' is part of a larger expression. Assign its result to a variable by a statement of its own.");

    public static readonly DiagnosticDescriptor ShuffleGroupSize = Error(
        72, "Shuffle without a group size", "Kernel '{0}' exchanges values between threads, for which some devices need shared memory. Say the MaxGroupSize in [Kernel].");

    public static readonly DiagnosticDescriptor AtomicTarget = Error(
        73, "Target of an atomic operation", "'{0}' is not an element of a view in device or shared memory. Pass 'ref view[index]'.");

    public static readonly DiagnosticDescriptor ReferenceArgument = Error(
        74, "Argument by reference", "'{0}' cannot be passed by reference. Pass a local variable, one of its fields, or an element of a view.");

    public static readonly DiagnosticDescriptor Double = Error(
        80, "double in a kernel", "'{0}' is computed in double, which devices lack or do slowly. Write float literals with 'f' and use MathF or XMath.");

    public static readonly DiagnosticDescriptor Internal = Error(
        90, "Translator failed", "Kernel '{0}' could not be translated because of an error of the translator ({1}). Please report it with the kernel's source.");

    private static readonly Dictionary<string, DiagnosticDescriptor> s_byId = typeof(Rules).GetFields()
        .Select(field => (DiagnosticDescriptor)field.GetValue(null)).ToDictionary(rule => rule.Id);

    /// <summary>All rules, in the order of their ids.</summary>
    public static IEnumerable<DiagnosticDescriptor> All => s_byId.Values.OrderBy(rule => rule.Id, System.StringComparer.Ordinal);

    public static DiagnosticDescriptor Find(string id) => s_byId[id];

    private static DiagnosticDescriptor Error(int id, string title, string message) => new(
        "THOR" + id.ToString("D4", System.Globalization.CultureInfo.InvariantCulture), title, message, "Thor.Kernels", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
