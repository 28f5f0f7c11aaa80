/* The XML form of the police profile: a PPNBatch of PPN elements, read with libxml2 without network
 * and without entities; a document with a DOCTYPE is refused unread (no entity is ever expanded).
 */
#ifndef MASH_NOTICE_XML_H
#define MASH_NOTICE_XML_H

#include "adapters/common/intake_folder.h"

int notices_xml(Batch *b, Bytes content, Fault *ret_fault); /* a BatchRead */

#endif
