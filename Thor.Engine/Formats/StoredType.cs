namespace Thor.Engine.Formats;

/// <summary>Element types found in files, more than a tensor can hold.</summary>
internal enum StoredType
{
    Boolean,
    UInt8,
    Int8,
    UInt16,
    Int16,
    UInt32,
    Int32,
    UInt64,
    Int64,
    Float16,
    BFloat16,
    Float32,
    Float64,
}
