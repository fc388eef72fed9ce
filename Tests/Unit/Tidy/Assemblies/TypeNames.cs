using System.Reflection.Metadata;

namespace AMA.Tests.Unit.Tidy.Assemblies;

/// <summary>Full names of the types behind metadata tokens.</summary>
internal sealed class TypeNames(MetadataReader metadata)
{
    /// <summary>A closure, an async method's state or an iterator belongs to the type it was written in.</summary>
    public string OutermostOf(TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        while (type.IsNested)
            type = metadata.GetTypeDefinition(type.GetDeclaringType());
        return Full(type.Namespace, type.Name);
    }

    /// <summary>
    /// The type of another assembly that a token names, or null: the token is of this assembly or no type.
    /// </summary>
    public string? ForeignTypeOf(EntityHandle token) => token.Kind switch
    {
        HandleKind.TypeReference => Outermost((TypeReferenceHandle)token),
        HandleKind.MemberReference => ForeignTypeOf(metadata.GetMemberReference((MemberReferenceHandle)token).Parent),
        HandleKind.MethodSpecification =>
            ForeignTypeOf(metadata.GetMethodSpecification((MethodSpecificationHandle)token).Method),
        HandleKind.TypeSpecification => GenericTypeOf((TypeSpecificationHandle)token),
        _ => null,
    };

    private string? GenericTypeOf(TypeSpecificationHandle handle)
    {
        var signature = metadata.GetBlobReader(metadata.GetTypeSpecification(handle).Signature);
        if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance) return null;
        signature.ReadSignatureTypeCode();
        return ForeignTypeOf(signature.ReadTypeHandle());
    }

    private string Outermost(TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        while (type.ResolutionScope.Kind == HandleKind.TypeReference)
            type = metadata.GetTypeReference((TypeReferenceHandle)type.ResolutionScope);
        return Full(type.Namespace, type.Name);
    }

    private string Full(StringHandle space, StringHandle name) =>
        $"{metadata.GetString(space)}.{metadata.GetString(name)}".TrimStart('.');
}
